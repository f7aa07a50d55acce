import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { startMachineInWorld, type MachineInWorld } from "../support/world/machine-in-world.ts";
import { FAR_AWAY, type Arrival } from "../support/world/world.ts";

const MINUTE = 60_000;
const SOON_MS = 20_000;
const PRIVATE = "10.9.8.7";
const PROBED = "/var/lib/boot-probe"; // what the test's own first program wrote down

// asks for names as fast as it can, and prints how many got an address, how many were prohibited, and one of the reasons
const MANY_NAMES = `
import socket, struct, sys
way = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
way.settimeout(5)
way.connect((open("/etc/resolv.conf").read().split("nameserver")[1].split()[0], 53))
codes, why = [0] * 16, b""
for number in range(1000):
    labels = [b"secret-%d" % number, b"wild", b"test"]
    name = b"".join(bytes([len(label)]) + label for label in labels)
    way.send(struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 1) + name + struct.pack(">BHH", 0, 1, 1) + b"\\0\\0\\x29\\x04\\xd0\\0\\0\\0\\0\\0\\0")
    answer = way.recv(1000)
    codes[answer[3] & 15] += 1
    if answer[3] & 15: why = answer[answer.index(b"prohibited"):]
print(codes[0], codes[5], why.decode())
`;

function request(host: string, port: number): string {
  return `exec 3<>/dev/tcp/${host}/${port}; printf 'GET /canary HTTP/1.1\\r\\nHost: ${host}\\r\\n\\r\\n' >&3; read -t 3 -r answer <&3; echo "$answer"`;
}

describe("Egress of a running machine, in a world where every address is a witness", function () {
  this.timeout(3 * MINUTE);
  let machine: MachineInWorld;

  before(async function () {
    this.timeout(15 * MINUTE);
    machine = await startMachineInWorld({ machine: { template: "off" }, egress: { allow: ["*.wild.test", { host: "limited.test", methods: ["GET"], paths: ["/public/*"] }], deny: ["bad.wild.test"], ask: true, askFor: "60s" } }, { plugins: ["boot-probe"] });
  });
  after(async () => await machine?.[Symbol.asyncDispose]());

  const tcp = (arrived: readonly Arrival[]) => arrived.filter(({ protocol }) => protocol === "tcp").map(({ what }) => what);
  const arrivalsSoon = async (count: number, act: () => Promise<unknown>): Promise<readonly Arrival[]> => {
    const { arrivals } = await machine.world.report();
    await act();
    const deadline = performance.now() + SOON_MS;
    for (;;) {
      const since = (await machine.world.report()).arrivals.slice(arrivals.length);
      if (tcp(since).length >= count || performance.now() > deadline) return since;
      await sleep(100);
    }
  };

  it("had let nothing out but to an allowed host when it was ready, though it tried from the moment of its first program on", async () => {
    await machine.bash(`touch ${PROBED}.stop; until grep -q ended ${PROBED}; do sleep 0.2; done`, "root");
    expect(Number(await machine.bash(`grep -c round ${PROBED}`))).to.be.at.least(2);
    const { arrivals } = await machine.world.report();
    expect(new Set(arrivals.map(({ protocol, what }) => `${protocol} ${what}`))).to.deep.equal(new Set(["udp port 53", "name resolved.test", `tcp ${FAR_AWAY}:80`]));
    expect(arrivals.map(({ bytes }) => bytes).join("\n")).to.not.include("cloche-canary");
    expect(tcp(await machine.arrivingDuring(async () => await machine.bash("curl -sS https://allowed.test/hello")))).to.deep.equal(["127.0.0.1:443"]);
  });

  it("reaches names below a wildcard, but neither the one above it nor one that is denied", async () => {
    const arrived = await arrivalsSoon(1, async () => await machine.bash(request("some.wild.test", 80)));
    expect(tcp(arrived)).to.deep.equal([`${FAR_AWAY}:80`]);
    expect(arrived.find(({ protocol }) => protocol === "tcp")?.bytes).to.match(/^GET \/canary HTTP\/1\.1\r\nHost: some\.wild\.test\r\n/);
    await machine.nothingArrivesDuring(async () => await machine.start(["bash", "-c", request("bad.wild.test", 80)]).ended);
  });

  for (const user of ["agent", "root"] as const) {
    it(`asks nobody when ${user} looks names up, and is slowed down when they are made up`, async () => {
      const said = await machine.nothingArrivesDuring(async () => await machine.start(["python3", "-"], user, MANY_NAMES).ended);
      const [given = "", prohibited = "", ...why] = said.stdout.trim().split(" ");
      expect(said.status, said.stderr).to.equal(0);
      expect(Number(given)).to.be.within(user === "agent" ? 100 : 0, 400);
      expect(Number(prohibited)).to.be.at.least(600);
      expect(why.join(" ")).to.equal("prohibited by cloche: too many new names at once");
    });
  }

  it("sees plain HTTP requests, and refuses those that no rule allows with the reason", async () => {
    expect(await machine.nothingArrivesDuring(async () => await machine.bash("curl -sS http://limited.test/secret"))).to.match(/cloche refuses this request to limited\.test: no rule allows this request\. The user can allow it with: cloche egress allow limited\.test/);
    expect(tcp(await arrivalsSoon(1, async () => await machine.bash("curl -sS -m 2 http://limited.test/public/x || true")))).to.deep.equal([`${FAR_AWAY}:80`]);
  });

  it("holds a connection to another host until the user answers, and lets it through this once", async () => {
    const waiting = machine.start(["curl", "-sSk", "-o", "/dev/null", "https://new.test/held"]);
    await machine.nothingArrivesDuring(async () => {
      const deadline = performance.now() + SOON_MS;
      while (!/1 +new\.test:443 +1 held/.test(await machine.cloche("egress", "status"))) if (performance.now() > deadline) throw new Error("nothing waits");
    });
    const arrived = await machine.arrivingDuring(async () => {
      await machine.cloche("egress", "allow", "1", "--once");
      expect((await waiting.ended).status).to.equal(0);
    });
    expect(tcp(arrived)).to.deep.equal([`${FAR_AWAY}:443`]);
    const again = machine.start(["curl", "-sSk", "https://new.test/held"]);
    await machine.nothingArrivesDuring(async () => {
      const deadline = performance.now() + SOON_MS;
      while (!/2 +new\.test:443/.test(await machine.cloche("egress", "status"))) if (performance.now() > deadline) throw new Error("nothing waits");
      expect(await machine.cloche("egress", "deny", "2")).to.equal("Denied for this session: new.test:443.\n");
      expect((await again.ended).status).to.not.equal(0);
    });
  });

  it("reaches what is allowed while it runs, on a port of its own too, and closes it when that is denied", async () => {
    await machine.cloche("egress", "allow", "later.test:9418", `${PRIVATE}:8080`);
    const open = machine.start(["bash", "-c", "exec 3<>/dev/tcp/later.test/9418; echo one >&3; echo open; cat <&3"]);
    expect(tcp(await arrivalsSoon(1, async () => await open.says(/open\n/)))).to.deep.equal([`${FAR_AWAY}:9418`]);
    expect(await machine.cloche("egress", "deny", "later.test")).to.match(/1 open connection was closed/);
    await open.ended;
    await machine.nothingArrivesDuring(async () => expect((await machine.start(["bash", "-c", "exec 3<>/dev/tcp/later.test/9418"]).ended).status).to.not.equal(0));
    expect(tcp(await arrivalsSoon(1, async () => await machine.bash(`exec 3<>/dev/tcp/${PRIVATE}/8080; echo canary >&3`)))).to.deep.equal([`${PRIVATE}:8080`]);
  });

  it("has the agent's memory say so, while it runs", async () => {
    const memoryFits = async (wanted: RegExp): Promise<void> => {
      for (const deadline = performance.now() + SOON_MS; performance.now() < deadline; ) if (wanted.test(await machine.bash("cat /etc/claude-code/CLAUDE.md"))) return;
      throw new Error(`the memory does not say ${wanted}`);
    };
    await memoryFits(/These hosts can be reached: [^]*Never to be reached, whatever the task: bad\.wild\.test/);
    await machine.cloche("egress", "allow", "remembered.test");
    await memoryFits(/These hosts can be reached: .*\bremembered\.test\b/);
    await machine.cloche("egress", "deny", "remembered.test");
    await memoryFits(/Never to be reached, whatever the task: .*\bremembered\.test\b/);
  });

  it("is opened for public addresses alone, and closed again", async () => {
    await machine.cloche("egress", "open", "--for", "10m");
    expect(tcp(await machine.arrivingDuring(async () => await machine.bash("curl -sSk -o /dev/null https://any.test/")))).to.deep.equal([`${FAR_AWAY}:443`]);
    expect(tcp(await machine.arrivingDuring(async () => await machine.bash(`curl -sSk -o /dev/null https://${FAR_AWAY}/`)))).to.deep.equal([`${FAR_AWAY}:443`]);
    for (const address of ["10.1.1.1", "169.254.169.254", "192.168.1.1", "100.64.0.1"]) {
      await machine.nothingArrivesDuring(async () => await machine.start(["bash", "-c", `exec 3<>/dev/tcp/${address}/443; echo canary >&3; cat <&3`], "root").ended);
    }
    await machine.cloche("egress", "close");
    await machine.nothingArrivesDuring(async () => expect((await machine.start(["curl", "-sSk", `https://${FAR_AWAY}/`]).ended).status).to.not.equal(0));
  });

  it("has all of it in the log", async () => {
    const log = await machine.cloche("egress", "log");
    for (const line of [
      /allowed {2}some\.wild\.test:80 at 93\.184\.216\.34 {2}allowed by egress\.allow/, /refused {2}bad\.wild\.test {2}denied by egress\.deny/,
      /refused {2}limited\.test:80 GET \/secret {2}no rule allows this request/, /allowed {2}new\.test:443 at 93\.184\.216\.34 {2}allowed by you, once/,
      /refused {2}new\.test:443 {2}denied by you, for this session/, /later\.test:9418 at 93\.184\.216\.34 {2}closed: denied by you/,
      /allowed {2}10\.9\.8\.7:8080/, /allowed {2}any\.test:443 at 93\.184\.216\.34 {2}egress is open/, /refused {2}169\.254\.169\.254:443 {2}it is metadata/,
    ]) expect(log).to.match(line);
  });
});
