import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { message, records, serverName } from "../plugins/egress/support/hello.ts";
import { entriesOf, readOr } from "../support/proc.ts";
import { qemuOf } from "../support/qemu-of.ts";
import { ROOT } from "../support/sources.ts";
import { startMachineInWorld, type MachineInWorld } from "../support/world/machine-in-world.ts";
import { FAR_AWAY, TCP_PORTS, type Arrival } from "../support/world/world.ts";

const MINUTE = 60_000;
const ESCAPE = readFileSync(join(ROOT, "test/support/world/escape.py"), "utf8");
const HELLO = "hello from outside\n";
const LISTENING = "0A";
const FAILED_STATUS = 125;

describe("The network of a machine, in a world where every address is a witness", () => {
  let machine: MachineInWorld;

  before(async function () {
    this.timeout(15 * MINUTE);
    machine = await startMachineInWorld();
  });
  after(async () => await machine?.[Symbol.asyncDispose]());

  it("reaches an allowed host with curl, which trusts it by the system's own store", async () => {
    const arrived = await machine.arrivingDuring(async () => expect(await machine.bash("curl -sS https://allowed.test/hello")).to.equal(HELLO));
    expect(arrived.map(inWords)).to.deep.equal(["tcp 127.0.0.1:443", "https allowed.test/hello"]);
  });

  it("reaches an allowed host by its real address, for which the gateway asks, and for nothing else", async () => {
    const arrived = await machine.arrivingDuring(async () => expect(await machine.bash("curl -sS https://resolved.test/hello")).to.equal(HELLO));
    const [asking, rest] = [arrived.filter(({ protocol }) => protocol === "udp" || protocol === "name"), arrived.filter(({ protocol }) => protocol === "tcp" || protocol === "https")];
    expect(new Set(asking.map(inWords))).to.deep.equal(new Set(["udp port 53", "name resolved.test"]));
    expect(rest.map(inWords)).to.deep.equal([`tcp ${FAR_AWAY}:443`, "https resolved.test/hello"]);
  });

  it("carries git, Python and OpenSSL as they are", async () => {
    expect(await machine.bash("git clone -q https://allowed.test/repository.git /tmp/cloned && cat /tmp/cloned/file")).to.equal("from the repository\n");
    const python = `from urllib.request import urlopen; print(urlopen("https://allowed.test/hello").read().decode(), end="")`;
    expect(await machine.bash(`python3 -c '${python}'`)).to.equal(HELLO);
    const openssl = "openssl s_client -connect allowed.test:443 -servername allowed.test -verify_return_error </dev/null 2>&1";
    expect(await machine.bash(openssl)).to.include("Verify return code: 0 (ok)");
  });

  it("carries a greeting as browsers send it, with a second name that is encrypted", async () => {
    const hello = records(message({ extensions: [serverName("allowed.test"), [0xfe0d, Buffer.alloc(200, 1)]] })).toString("base64");
    const greeting = `exec 3<>/dev/tcp/allowed.test/443; base64 -d <<<${hello} >&3; head -c 1 <&3 >/dev/null`;
    expect((await machine.arrivingDuring(() => machine.bash(greeting))).map(inWords)).to.deep.equal(["tcp 127.0.0.1:443"]);
  });

  for (const [what, command] of Object.entries({
    "a name that is not allowed": "curl -sS https://denied.test/",
    "a name that is not allowed, in plain HTTP": "curl -sS http://denied.test/",
    "another port of an allowed host": "curl -sS https://allowed.test:8443/",
    "an address": `curl -sSk https://${FAR_AWAY}/`,
    "an address by IPv6": "curl -sSk https://[2606:4700:4700::1111]/",
    "the router's other ports": "curl -sS http://10.0.2.2:8080/",
    "the address where clouds serve credentials": "curl -sS http://169.254.169.254/latest/meta-data/",
    "TLS for a name that is not allowed, at an allowed one's address": "curl -sSk --connect-to denied.test:443:allowed.test:443 https://denied.test/hello",
    "TLS for another allowed name, at an allowed one's address": "curl -sSk --connect-to resolved.test:443:allowed.test:443 https://resolved.test/hello",
    "TLS without a name": "curl -sSk https://$(getent hosts allowed.test | cut -d' ' -f1)/hello",
    "what is not TLS, where TLS belongs": "curl -sS http://allowed.test:443/",
    "plain HTTP for a name that is not allowed, at an allowed one's address": "curl -sSf -H 'Host: denied.test' http://resolved.test/",
    "a proxy that was never there": "curl -sS -x http://10.0.2.2:3128 https://denied.test/",
  })) {
    for (const user of ["agent", "root"] as const) {
      it(`refuses ${what} to ${user} at once, and nothing arrives`, async () => {
        const script = `began=$EPOCHREALTIME; ${command} >/dev/null 2>&1; echo "$? $(( (\${EPOCHREALTIME/./} - \${began/./}) / 1000 ))"`;
        const [status = "0", tookMs = ""] = (await machine.nothingArrivesDuring(() => machine.bash(script, user))).trim().split(" ");
        expect(status).to.not.equal("0");
        expect(Number(tookMs)).to.be.lessThan(2_000);
      });
    }
  }

  it("has exactly the listeners in its jail that the rules, SSH and the share need, and none on the host", () => {
    const qemu = qemuOf(machine.keeper.pid);
    const shown = (kind: "tcp" | "udp") => listening(qemu, kind).map(({ address, port }) => `${address}:${port}`).sort();
    expect(shown("tcp")).to.deep.equal(["0.0.0.0:443", "0.0.0.0:80", "127.0.0.1:22", "127.0.0.1:53", "127.0.0.1:564"]);
    expect(shown("udp")).to.deep.equal(["127.0.0.1:53"]);
    expect(listening(machine.keeper.pid, "tcp").map(({ port }) => port).sort((a, b) => a - b)).to.deep.equal(TCP_PORTS);
  });

  it("would let every one of several hundred ways out be seen, if it were open", async () => {
    const [command = "", ...args] = [...machine.world.enter, "python3", "-"];
    const arrived = await machine.arrivingDuring(async () => void execFileSync(command, args, { input: ESCAPE }));
    const count = (wanted: string) => arrived.filter(({ protocol, what, bytes }) => protocol === wanted && `${what}${bytes}`.includes("cloche-canary")).length;
    expect(count("tcp")).to.be.at.least(225);
    expect(count("udp")).to.be.at.least(180);
    expect(count("name")).to.be.at.least(90);
  });

  for (const user of ["agent", "root"] as const) {
    it(`lets nothing out by any of those ways as ${user}`, async () => {
      const { status, stdout, stderr } = await machine.nothingArrivesDuring(() => machine.start(["python3", "-"], user, ESCAPE).ended);
      expect(status, stderr).to.equal(0);
      expect(Object.keys(JSON.parse(stdout) as object)).to.have.length.above(500);
    });
  }

  it("lets nothing out when root has changed addresses, routes, names and IPv6, and still works when they are as before", async () => {
    const change = `
      sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0 net.ipv6.conf.eth0.disable_ipv6=0
      sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0
      ip addr flush dev eth0
      ip link set eth0 down
      ip link set eth0 address 52:54:00:12:34:99
      ip link set eth0 up
      ip addr add 10.0.2.77/24 dev eth0
      ip route add default via 10.0.2.2
      ip route add 192.168.0.0/16 via 10.0.2.3
      ip -6 addr add fec0::77/64 dev eth0 nodad
      ip -6 route add default via fe80::2 dev eth0
      cp /etc/resolv.conf /tmp/names
      echo nameserver 8.8.8.8 >/etc/resolv.conf
      ip addr show dev eth0 >/tmp/changed
      ip -6 route >>/tmp/changed`;
    const restore = `
      cp /tmp/names /etc/resolv.conf
      sysctl -qw net.ipv6.conf.all.disable_ipv6=1
      ip addr flush dev eth0
      ip addr add 10.0.2.15/24 dev eth0
      ip route add default via 10.0.2.2`;
    await machine.start(["tee", "/tmp/escape.py"], "root", ESCAPE).ended;
    // the way in is cut meanwhile, so all of it is one command
    const attack = `{ ${change}\npython3 /tmp/escape.py >/tmp/outcome\n${restore}\n} >/tmp/said 2>&1`;
    await machine.nothingArrivesDuring(() => machine.bash(attack, "root"));
    expect(await machine.bash("cat /tmp/changed", "root")).to.match(/52:54:00:12:34:99[^]*10\.0\.2\.77\/24[^]*fec0::77\/64[^]*default via fe80::2/);
    expect(Object.keys(JSON.parse(await machine.bash("cat /tmp/outcome", "root")) as object)).to.have.length.above(500);
    expect(await machine.bash("curl -sS https://allowed.test/hello")).to.equal(HELLO);
  });

  it("ends the session, saying why, when the gateway is killed, and lets nothing out until then", async () => {
    const { keeper, place, world } = machine;
    const loop = "while :; do curl -sS -m 3 -o /dev/null https://allowed.test/alive; echo >>tries; sleep 0.1; done";
    const trying = machine.start(["sh", "-c", loop]);
    while (!(await world.report()).arrivals.some(({ what }) => what === "allowed.test/alive")) await sleep(100);
    const gateway = entriesOf("/proc").find((pid) => isChild(pid, keeper.pid) && readOr(`/proc/${pid}/cmdline`).includes("egress/gateway/main"));
    // held still, so that the guest lives on for a while without a gateway
    process.kill(keeper.pid, "SIGSTOP");
    try {
      process.kill(Number(gateway), "SIGKILL");
      await sleep(500); // for what was on its way
      const tries = () => statSync(join(place.project, "tries")).size;
      const tried = tries();
      await machine.nothingArrivesDuring(() => sleep(5_000));
      expect(tries()).to.be.above(tried);
    } finally {
      process.kill(keeper.pid, "SIGCONT");
    }
    const { status, stderr } = await keeper.ended;
    expect(status).to.equal(FAILED_STATUS);
    expect(stderr).to.match(/"egress" [^]*The gateway, the guest's only way to the network, ended: SIGKILL/);
    await trying.ended;
  });
});

function inWords({ protocol, what }: Arrival): string {
  return `${protocol} ${what}`;
}

function isChild(pid: string, parent: number): boolean {
  return new RegExp(`^PPid:\\s+${parent}$`, "m").test(readOr(`/proc/${pid}/status`));
}

/** Where IPv4 sockets wait for others in the network namespace of a process. */
function listening(pid: number, kind: "tcp" | "udp"): readonly { readonly address: string; readonly port: number }[] {
  const ephemeral = 32_768; // what QEMU opened for the guest's own datagrams
  const rows = readOr(`/proc/${pid}/net/${kind}`).trim().split("\n").slice(1).map((line) => line.trim().split(/\s+/));
  const sockets = rows.map(([, local = "", , state = ""]) => {
    const [hex = "", port = ""] = local.split(":");
    // the kernel prints the address as a number of the processor's own byte order
    return { address: Buffer.from(hex, "hex").reverse().join("."), port: Number.parseInt(port, 16), state };
  });
  return sockets.filter(({ state, port }) => (kind === "tcp" ? state === LISTENING : port < ephemeral));
}
