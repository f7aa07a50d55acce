import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import type { Cell } from "../../core/machine/containment.ts";
import { makeCertificate } from "../plugins/egress/support/certificates.ts";
import { startEgress, type TestEgress } from "../plugins/egress/support/egress.ts";
import { message, records, serverName } from "../plugins/egress/support/hello.ts";
import { soon } from "../plugins/egress/support/soon.ts";
import { tlsWitness, type Witness } from "../plugins/egress/support/witness.ts";
import { Arena } from "./attacker.ts";

const ALLOWED = "allowed.test";

/**
 * Dials, sends a greeting for a name, and says what came of it: an alert, nothing, or that a server answered.
 * A gateway that resets at once may have done so before connect() returned, which then fails with ECONNRESET.
 */
const greet = (name: string, address: string, port: number, hello = records(message({ extensions: [serverName(name)] }))) => `
  { socket(my $s, AF_INET, SOCK_STREAM, 0); alarm 20; $SIG{PIPE} = "IGNORE";
    if (!connect($s, sockaddr_in(${port}, inet_aton("${address}"))) && !$!{ECONNRESET}) { try "${name} at ${address}:${port}", 0 }
    else {
      syswrite($s, pack("H*", "${hello.toString("hex")}"));
      my $n = sysread($s, my $heard, 1);
      say_("${name} at ${address}:${port}", $n ? ord($heard) == 21 ? "alert" : "answered" : "hung up");
    } }`;

describe("A hostile program in QEMU's place, where the real gateway stands at the jail's network", function () {
  this.timeout(60_000);
  let arena: Arena;
  let cell: Cell;
  let tls: Witness;
  let egress: TestEgress;
  let address: string;

  before(async () => {
    arena = new Arena();
    cell = await arena.openCell(["0.0.0.0/0"]);
    tls = await tlsWitness(makeCertificate([ALLOWED, "denied.test"]));
    const upstreams = [ALLOWED, "denied.test", "other.test"].map((name) => ({ target: `${name}:443`, address: "127.0.0.1", port: tls.port }));
    mkdirSync(join(arena.folder, "outside"));
    egress = await startEgress([ALLOWED, "other.test"], upstreams, [], { network: cell.network });
    address = await egress.addressOf(ALLOWED);
  });
  after(async () => {
    await egress?.end();
    await tls?.end();
    await arena[Symbol.asyncDispose]();
  });

  it("meets a gateway without capabilities, whoever started it", () => {
    const capabilities = (pid: number): readonly string[] => readFileSync(`/proc/${pid}/status`, "utf8").match(/^Cap(?:Prm|Eff|Bnd):.*$/gm) ?? [];
    const [inner = ""] = readFileSync(`/proc/${egress.pid}/task/${egress.pid}/children`, "utf8").trim().split(" ");
    expect(capabilities(Number(inner))).to.deep.equal(["Prm", "Eff", "Bnd"].map((kind) => `Cap${kind}:\t0000000000000000`));
    // the control: what started it may have more
    expect(capabilities(process.pid)[2]).to.not.match(/\t0{16}$/);
  });

  it("reaches what the rules allow by the gateway, and nothing else that it dials", async () => {
    const before = tls.connections();
    // the control: what is allowed is there for it, as for any guest
    expect(await arena.inside(greet("control.test", "127.0.0.1", tls.port) + greet(ALLOWED, address, 443), [], cell)).to.deep.equal([
      `control.test at 127.0.0.1:${tls.port} ECONNREFUSED`, `${ALLOWED} at ${address}:443 alert`,
    ]);
    expect(tls.connections()).to.equal(before + 1);
    const denied = greet("denied.test", address, 443) + greet("other.test", address, 443) + greet(ALLOWED, "93.184.216.34", 443) + greet("denied.test", "198.18.200.1", 443)
      + greet(ALLOWED, address, 8443) + greet(ALLOWED, "169.254.169.254", 80) + greet(ALLOWED, "10.0.0.1", 443);
    const said = await arena.inside(denied, [], cell);
    expect(said.map((line) => line.split(" ").at(-1))).to.deep.equal(["alert", "alert", "up", "up", "ECONNREFUSED", "up", "up"]);
    expect(tls.connections()).to.equal(before + 1);
    const refused = () => egress.audit().filter(({ verdict }) => verdict === "refused").length;
    await soon(() => (refused() >= 6 ? true : undefined));
    expect(refused()).to.equal(6);
  });

  it("gets no datagram out, and no answer from the gateway's DNS but for what is allowed", async () => {
    const heard: string[] = [];
    const udp: UdpSocket = createSocket("udp4", (datagram) => heard.push(String(datagram))).bind(0, "0.0.0.0");
    try {
      await once(udp, "listening");
      const { port } = udp.address();
      const send = [["127.0.0.1", port], ["10.0.0.1", 53], ["8.8.8.8", 53], ["255.255.255.255", 67], ["224.0.0.251", 5353]]
        .map(([to, at]) => `{ socket(my $u, AF_INET, SOCK_DGRAM, 0); setsockopt($u, SOL_SOCKET, SO_BROADCAST, 1); send($u, "secret", 0, sockaddr_in(${at}, inet_aton("${to}"))); }`).join("\n");
      const query = (name: string) => `{ socket(my $u, AF_INET, SOCK_DGRAM, 0); alarm 20; send($u, pack("n6", 7, 256, 1, 0, 0, 0) . join("", map { pack("C/a", $_) } split /\\./, "${name}") . pack("xnn", 1, 1), 0, sockaddr_in(53, inet_aton("127.0.0.1"))); recv($u, my $answer, 512, 0); say_("${name}", ord(substr($answer, 3, 1)) & 15); }`;
      expect(await arena.inside(send + query(ALLOWED) + query("denied.test") + query("secret.denied.test"), [], cell)).to.deep.equal([`${ALLOWED} 0`, "denied.test 5", "secret.denied.test 5"]);
      const control = `{ socket(my $u, AF_INET, SOCK_DGRAM, 0); send($u, "control", 0, sockaddr_in(${port}, inet_aton("127.0.0.1"))); }`;
      const heardControl = once(udp, "message");
      arena.outside(control);
      await heardControl;
      expect(heard).to.deep.equal(["control"]);
    } finally {
      udp.close();
    }
  });

  it("finds neither the gateway nor a way to tell it anything: no process, no file, no descriptor, no socket of whatever kind", async () => {
    const names = [join(arena.folder, "control.sock"), join(arena.folder, "outside", "control.sock"), `\0cloche-${process.pid}`];
    let reached = 0;
    const servers: readonly Server[] = names.map((name) => createServer(() => { reached += 1; }).listen(name));
    try {
      await Promise.all(servers.map((server) => once(server, "listening")));
      const dial = names.map((name, index) => `my $s${index}; try "way ${index}", socket($s${index}, AF_UNIX, SOCK_STREAM, 0) && connect($s${index}, pack("Sa*", AF_UNIX, pack("H*", "${Buffer.from(name).toString("hex")}") =~ s{^\\Q${arena.folder}\\E}{$dir}r . ($dir eq "/project" && ${index} < 2 ? "\\0" : "")));`).join("\n");
      const look = `
        try "signal", kill(0, ${egress.pid});
        say_("processes", scalar grep { /^\\d+$/ } map { s{.*/}{}r } glob "/proc/*");
        opendir(my $d, "/proc/self/fd"); say_("sockets", sort grep { (readlink("/proc/self/fd/$_") // "") =~ /^socket:/ } grep { /^\\d+$/ } readdir $d);`;
      const [signal, processes, sockets, ...ways] = await arena.inside(look + dial, [], cell);
      expect([signal, sockets]).to.deep.equal(["signal ESRCH", "sockets 2 3"]); // its last words, and what it talks to the test by
      expect(Number(processes?.split(" ")[1])).to.be.within(1, 3);
      expect(ways).to.deep.equal(["way 0 EPERM", "way 1 EPERM", "way 2 EPERM"]);
      expect(reached).to.equal(0);
      const control = arena.outside(`try "signal", kill(0, ${egress.pid});\n${dial}`);
      expect(control).to.deep.equal(["signal ok", "way 0 ok", "way 1 ok", "way 2 ok"]);
    } finally {
      for (const server of servers) server.close();
    }
  });

  it("takes no place of the gateway's, and leaves it at work", async () => {
    const attack = [53, 80, 443, 8443].map((port) => `{ socket(my $s, AF_INET, SOCK_STREAM, 0); setsockopt($s, SOL_SOCKET, SO_REUSEPORT, 1); try "bind ${port}", bind($s, sockaddr_in(${port}, INADDR_ANY)); }`).join("\n");
    expect(await arena.inside(attack, [], cell)).to.deep.equal(["bind 53 EPERM", "bind 80 EPERM", "bind 443 EPERM", "bind 8443 EPERM"]);
    const before = tls.connections();
    await arena.inside(greet(ALLOWED, address, 443), [], cell);
    expect(tls.connections()).to.equal(before + 1);
  });
});
