import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { Ended } from "../support/started.ts";
import { WatchedPlace } from "../support/watched-place.ts";

describe("A suspended session", () => {
  let place: WatchedPlace;
  let facts: string;

  const cloche = async (...args: readonly string[]): Promise<Ended> => await place.cloche(args, { input: "" }).ended;
  const inGuest = async (script: string): Promise<string> => (await cloche("exec", "--join", "--", "sh", "-c", script)).stdout;
  const manifest = (): string => join(place.home, ".local/state/cloche/suspended/fern/session.json");

  before(async function () {
    this.timeout(5 * 60_000);
    place = new WatchedPlace();
    const started = await cloche("shell", "--detach", "--name", "fern", "--memory", "1GiB");
    expect(started.status, started.stderr).to.equal(0);
    await inGuest("echo kept >/tmp/kept; cd /tmp; nohup sh -c 'while :; do date +%s%N >/tmp/beating; mv /tmp/beating /tmp/beat; sleep 0.2; done' >/dev/null 2>&1 &");
    facts = await inGuest("cat /etc/machine-id /tmp/kept; hostname; pgrep -f /tmp/beat | head -n 1");
    expect(facts.trim().split("\n")).to.have.lengthOf(4);
  });
  after(async () => {
    await cloche("stop", "--all");
    place[Symbol.dispose]();
  });

  it("is on the disk with the room it takes, and nothing of it runs", async () => {
    const suspended = await cloche("suspend");
    expect(suspended.stdout, suspended.stderr).to.match(/^Suspended fern: \d+ MB on the disk/);
    const [only] = JSON.parse((await cloche("ls", "--json")).stdout) as { state: string; pid: number | null; bytes: number }[];
    expect(only).to.include({ name: "fern", state: "suspended", pid: null });
    expect(only?.bytes).to.be.within(20e6, 1.1e9);
    expect((await cloche("ls")).stdout).to.match(/fern +suspended, \d+ MB/);
    expect((await place.left()).filter((line) => !line.includes("/suspended"))).to.deep.equal([]);
  });

  it("is refused by another QEMU, and stays", async () => {
    const text = readFileSync(manifest(), "utf8");
    writeFileSync(manifest(), text.replace(/"key":"[^"]+"/, '"key":"of another"'));
    const refused = await cloche("resume", "fern", "--detach");
    expect(refused.status).to.equal(125);
    expect(refused.stderr).to.include("cannot go on here").and.include("(SAVED_OTHER)");
    writeFileSync(manifest(), text);
  });

  it("goes on with its files, its identity and the processes that did not use the project, at the right time", async () => {
    const resumed = await cloche("resume", "--detach");
    expect(resumed.stdout, resumed.stderr).to.equal("fern\n");
    expect(await inGuest("cat /etc/machine-id /tmp/kept; hostname; pgrep -f /tmp/beat | head -n 1")).to.equal(facts);
    const beat = async (): Promise<number> => Number(await inGuest("cat /tmp/beat"));
    const first = await beat();
    await sleep(1000);
    expect(await beat()).to.be.greaterThan(first);
    expect(Math.abs((await beat()) / 1e6 - Date.now())).to.be.lessThan(5_000);
    writeFileSync(join(place.project, "from-host"), "live");
    expect(await inGuest("cat from-host")).to.equal("live");
  });

  it("is not resumed twice, and can be put away again and discarded", async () => {
    expect((await cloche("resume", "fern")).stderr).to.include("(SAVED_UNKNOWN)");
    expect((await cloche("suspend", "fern")).status).to.equal(0);
    expect((await cloche("stop", "fern")).stdout).to.equal("Discarded the suspended session fern.\n");
    expect(JSON.parse((await cloche("ls", "--json")).stdout)).to.deep.equal([]);
  });
});
