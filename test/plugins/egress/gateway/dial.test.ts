import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { makeDial, type Dial, type Dialled } from "../../../../plugins/egress/gateway/dial.ts";
import { canonicalName } from "../../../../plugins/egress/names/canonical-name.ts";
import type { Resolve } from "../../../../plugins/egress/gateway/resolver.ts";
import { Policy } from "../../../../plugins/egress/policy/policy.ts";
import type { Upstream } from "../../../../plugins/egress/policy/upstream.ts";
import { policyData } from "../support/policy.ts";
import { echoWitness, type Witness } from "../support/witness.ts";

const name = canonicalName("allowed.test") ?? expect.fail("no name");
const { signal } = new AbortController();

function dialling(upstreams: readonly Upstream[], resolve: Resolve): Dial {
  return makeDial({ policy: new Policy(policyData({ mode: "open" })), upstreams, resolve });
}

function whyOf(dialled: Dialled): string {
  if ("why" in dialled) return dialled.why;
  dialled.socket.destroy();
  return expect.fail("it connected");
}

describe("Dialling", () => {
  let witness: Witness;
  before(async () => { witness = await echoWitness(); });
  after(async () => { await witness.end(); });

  it("goes where an upstream of the user says, for that port only", async () => {
    const dial = dialling([{ target: "allowed.test:443", address: "127.0.0.1", port: witness.port }], async () => ["127.0.0.1"]);
    const dialled = await dial(name, 443, signal);
    if ("why" in dialled) return expect.fail(dialled.why);
    expect(dialled.address).to.equal("127.0.0.1");
    dialled.socket.destroy();
    expect(whyOf(await dial(name, witness.port, signal))).to.equal("resolves to 127.0.0.1, which is loopback");
    await until(() => witness.connections() === 1);
  });

  it("goes to another port of the name where that is all that is said, its address checked as ever", async () => {
    const upstreams = [{ target: "allowed.test:443", port: witness.port }];
    const named = makeDial({ policy: new Policy(policyData({ allow: ["allowed.test", "127.0.0.1"] })), upstreams, resolve: async () => ["127.0.0.1"] });
    const before = witness.connections();
    const dialled = await named(name, 443, signal);
    if ("why" in dialled) return expect.fail(dialled.why);
    dialled.socket.destroy();
    await until(() => witness.connections() === before + 1);
    expect(whyOf(await dialling(upstreams, async () => ["127.0.0.1"])(name, 443, signal))).to.equal("resolves to 127.0.0.1, which is loopback");
  });

  for (const [answers, why] of [
    [["127.0.0.1"], "resolves to 127.0.0.1, which is loopback"],
    [["0.0.0.0"], "resolves to 0.0.0.0, which is loopback"],
    [["192.0.2.7", "10.0.0.1"], "resolves to 192.0.2.7, which is reserved"],
    [["1.1.1.1", "169.254.169.254"], "resolves to 169.254.169.254, which is metadata"],
    [["1.1.1.1", "::ffff:127.0.0.1"], "resolves to ::ffff:127.0.0.1, which is embeds-ipv4"],
    [["1.1.1.1", "not an address"], "resolves to not an address, which is reserved"],
  ] as const) {
    it(`contacts nobody when a name has the answers ${answers.join(" and ")}`, async () => {
      const before = witness.connections();
      const dialled = await dialling([], async () => answers)(name, witness.port, signal);
      expect(dialled).to.deep.equal({ why, refused: true });
      expect(witness.connections()).to.equal(before);
    });
  }

  it("asks again for each connection, so that what was checked is what is dialled", async () => {
    let asked = 0;
    const dial = dialling([], async () => [asked++ % 2 === 0 ? "192.0.2.1" : "127.0.0.1"]);
    const whys = [whyOf(await dial(name, 443, signal)), whyOf(await dial(name, 443, signal))];
    expect(whys).to.deep.equal(["resolves to 192.0.2.1, which is reserved", "resolves to 127.0.0.1, which is loopback"]);
    expect(asked).to.equal(2);
  });

  it("never dials what was not checked, though the answers change under load", async () => {
    const before = witness.connections();
    let asked = 0;
    const dial = dialling([], async () => (asked++ % 2 === 0 ? ["192.0.2.1"] : ["127.0.0.1"]));
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => dial(name, witness.port, signal)));
    expect(outcomes.filter((outcome) => "why" in outcome && outcome.refused)).to.have.length(100);
    expect([asked, witness.connections()]).to.deep.equal([100, before]);
  });

  it("says why a name has no address, and why an address does not answer", async () => {
    const missing = dialling([], async () => { throw new Error("queryA ENOTFOUND allowed.test"); });
    expect(await missing(name, 443, signal)).to.deep.equal({ why: "cannot be resolved: queryA ENOTFOUND allowed.test", refused: false });
    expect(whyOf(await dialling([], async () => [])(name, 443, signal))).to.equal("has no address");
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, "close");
    const dial = dialling([{ target: "allowed.test:443", address: "127.0.0.1", port }], async () => []);
    expect(whyOf(await dial(name, 443, signal))).to.equal(`cannot be reached at 127.0.0.1: connect ECONNREFUSED 127.0.0.1:${port}`);
  });

  it("stops when the guest hangs up", async () => {
    const dial = dialling([{ target: "allowed.test:443", address: "127.0.0.1", port: witness.port }], async () => []);
    expect(whyOf(await dial(name, 443, AbortSignal.abort()))).to.equal("the guest hung up");
  });
});

describe("Dialling by the system's DNS", () => {
  interface World { readonly outcomes: Record<string, string>; readonly visitors: readonly string[]; readonly asked: readonly string[] }
  let world: World;

  before(() => {
    const folder = mkdtempSync(join(tmpdir(), "cloche-test-"));
    try {
      writeFileSync(join(folder, "resolv.conf"), "nameserver 127.0.0.1\nsearch elsewhere.test test\n");
      writeFileSync(join(folder, "hosts"), "127.0.0.1 hosts-file.test only-hosts-file.test localhost\n");
      const script = `mount --bind "$1/resolv.conf" /etc/resolv.conf && mount --bind "$1/hosts" /etc/hosts && ip link set lo up &&
        ip address add 93.184.216.34/32 dev lo && ip route add local 93.184.216.35/32 dev lo && exec "$2" "$3"`;
      const child = fileURLToPath(new URL("../support/world-child.ts", import.meta.url));
      const argv = ["--user", "--map-root-user", "--net", "--mount", "sh", "-c", script, "sh", folder, process.execPath, child];
      const { stdout, stderr } = spawnSync("unshare", argv, { encoding: "utf8", timeout: 9_000 });
      if (stdout === "") throw new Error(stderr);
      world = JSON.parse(stdout) as World;
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("connects to a public address that a name has", () => {
    expect(world.outcomes["elsewhere.test"]).to.equal("connected to 93.184.216.35");
  });

  it("refuses one of the host's own, though it is public", () => {
    expect(world.outcomes["ourselves.test"]).to.equal("resolves to 93.184.216.34, which is this host itself");
  });

  it("refuses a name with a public and a private address", () => {
    expect(world.outcomes["mixed.test"]).to.equal("resolves to 10.0.0.1, which is private");
  });

  it("takes nothing from the hosts file and tries no search domain", () => {
    expect(world.outcomes["hosts-file.test"]).to.equal("connected to 93.184.216.35");
    expect(world.outcomes["only-hosts-file.test"]).to.equal("cannot be resolved: queryA ENOTFOUND only-hosts-file.test");
    expect(world.outcomes["searched"]).to.equal("cannot be resolved: queryA ENOTFOUND searched");
    expect(world.asked).to.deep.equal(["elsewhere.test", "ourselves.test", "mixed.test", "hosts-file.test", "only-hosts-file.test", "searched"]);
  });

  it("reached nobody else", () => {
    expect(world.visitors).to.deep.equal(["93.184.216.35", "93.184.216.35"]);
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
