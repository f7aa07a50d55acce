import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { networkInterfaces } from "node:os";
import { expect } from "chai";
import { Arena, number } from "./attacker.ts";

const dial = (port: number, address: string) => `
  socket(my $s, AF_INET, SOCK_STREAM, 0); try "tcp ${address}", connect($s, sockaddr_in(${port}, inet_aton("${address}")));`;
const send = (port: number, address: string) => `
  socket(my $u, AF_INET, SOCK_DGRAM, 0); try "udp ${address}", defined send($u, "secret", 0, sockaddr_in(${port}, inet_aton("${address}")));`;

describe("the jail's network", () => {
  let arena: Arena;
  beforeEach(() => (arena = new Arena()));
  afterEach(() => arena[Symbol.asyncDispose]());

  it("has only the loopback interface, and no route", async () => {
    const read = `for my $file ("dev", "route") { open(my $f, "<", "/proc/self/net/$file"); while (<$f>) { say_($1) if /^\\s*([\\w.@-]+)[:\\t]\\s*[\\d]/ } }`;
    expect(await arena.inside(read)).to.deep.equal(["lo"]);
    expect(arena.outside(read)).to.include("lo");
  });

  it("does not reach what listens on the host, over TCP or UDP", async () => {
    const heard: string[] = [];
    const server = createServer((socket) => heard.push("tcp") && socket.destroy()).listen(0, "0.0.0.0");
    const udp = createSocket("udp4", () => heard.push("udp"));
    udp.bind(0, "0.0.0.0");
    try {
      await Promise.all([once(server, "listening"), once(udp, "listening")]);
      const own = Object.values(networkInterfaces()).flat().find((one) => one?.family === "IPv4" && !one.internal)?.address;
      for (const address of ["127.0.0.1", ...(own ? [own] : [])]) {
        const attack = dial((server.address() as AddressInfo).port, address) + send(udp.address().port, address);
        const [tcp, datagram] = await arena.inside(attack);
        expect(tcp).to.match(/(ECONNREFUSED|ENETUNREACH)$/);
        expect(heard, `${datagram}, which must have gone nowhere`).to.deep.equal([]);
      }
      const address = "127.0.0.1";
      const control = arena.outside(dial((server.address() as AddressInfo).port, address) + send(udp.address().port, address));
      expect(control).to.deep.equal([`tcp ${address} ok`, `udp ${address} ok`]);
      await once(udp, "message");
      expect(heard).to.include.members(["tcp", "udp"]);
    } finally {
      server.close();
      udp.close();
    }
  });

  it("reaches no address outside, at once", async () => {
    expect(await arena.inside(dial(80, "198.51.100.1") + send(53, "198.51.100.53"))).to.deep.equal([
      "tcp 198.51.100.1 ENETUNREACH",
      "udp 198.51.100.53 ENETUNREACH",
    ]);
  });

  it("has no Unix sockets, not even to one that lies in the project", async () => {
    const path = join(arena.folder, "docker.sock");
    let witnessed = 0;
    const server = createServer(() => (witnessed += 1)).listen(path);
    try {
      await once(server, "listening");
      const attack = `try "socket", socket(my $s, AF_UNIX, SOCK_STREAM, 0); try "connect", connect($s, sockaddr_un("$dir/docker.sock"));`;
      expect((await arena.inside(attack))[0]).to.equal("socket EPERM");
      expect(witnessed).to.equal(0);
      const connected = once(server, "connection");
      expect(arena.outside(attack)).to.deep.equal(["socket ok", "connect ok"]);
      await connected;
    } finally {
      server.close();
    }
  });

  it("offers no other kind of socket, and none that others could dial", async () => {
    const attack = `
      try "netlink", socket(my $n, 16, SOCK_RAW, 0); try "vsock", socket(my $v, 40, SOCK_STREAM, 0);
      try "packet", socket(my $p, 17, SOCK_RAW, 0); try "alg", socket(my $a, 38, 5, 0);
      try "pair", socketpair(my $x, my $y, AF_UNIX, SOCK_STREAM, 0);
      try "tcp", socket(my $s, AF_INET, SOCK_STREAM, 0);
      try "bind", bind($s, sockaddr_in(0, INADDR_LOOPBACK)); try "listen", listen($s, 1);`;
    const kinds = ["netlink", "vsock", "packet", "alg", "pair"];
    expect(await arena.inside(attack)).to.deep.equal([...kinds.map((kind) => `${kind} EPERM`), "tcp ok", "bind EPERM", "listen EPERM"]);
    expect(arena.outside(attack)).to.include.members(["netlink ok", "pair ok", "tcp ok", "bind ok", "listen ok"]);
  });

  it("makes no socket on the host's disk by binding a stream that it was given", async () => {
    const attack = `my $name = pack("Sa*", 1, "$dir/planted\\0"); try "bind", syscall(${number("bind")}, 3, $name, length $name) == 0; try "exists", -e "$dir/planted"`;
    expect(await arena.inside(attack)).to.deep.equal(["bind EPERM", "exists ENOENT"]);
    expect(arena.outside(attack)).to.deep.equal(["bind ok", "exists ok"]);
  });
});
