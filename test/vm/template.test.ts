import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { inspectTemplates } from "../../core/machine/template/find.ts";
import { mapsReadOnly } from "../../core/machine/template/restore.ts";
import { isSpare } from "../../core/machine/template/spare-copy.ts";
import { placeWithOwnTemplates } from "../support/own-templates.ts";
import type { Place } from "../support/place.ts";
import { entriesOf, readOr } from "../support/proc.ts";
import { Program } from "../support/program.ts";
import { qemuOf, qemusOf } from "../support/qemu-of.ts";
import type { Ended, Started } from "../support/started.ts";

const MINUTE = 60_000;
const BECOME_ROOT = ["become", "--reuid=0", "--regid=0", "--clear-groups", "--"];
const BOOTED = "the guest is let run";
const RESTORED = "the state";
const SEEDED = "the seed";
const STARTED = "QEMU's start";
const LOOKED_FOR = "the template's check";
const KNOWN = "read the configuration";

// Everything that must be a session's own, one a line: ids, keys, and random numbers of the kernel and of programs that draw them.
const IDENTITY = `
  cat /etc/machine-id /proc/sys/kernel/random/boot_id /proc/sys/kernel/random/uuid /etc/hostname
  head -c 16 /dev/urandom | od -An -tx1
  head -c 16 /dev/random | od -An -tx1
  ssh-keygen -y -f /run/cloche/host-key
  cat /run/cloche/authorized-key
  ssh-keygen -q -t ed25519 -N '' -f /tmp/fresh && cat /tmp/fresh.pub
  mktemp -u XXXXXXXXXXXXXXXX
  python3 -c 'import random, uuid, secrets; print(random.random()); print(uuid.uuid4()); print(secrets.token_hex())'
  openssl rand -hex 16
  perl -e 'print rand, "\\n"'
  bash -c 'echo $SRANDOM'
  date +%s%N`;

describe("A machine that goes on from a template", () => {
  let program: Program;
  let place: Place;
  const opened: Started[] = [];

  before(async function () {
    this.timeout(15 * MINUTE);
    program = new Program("root-door");
    using all = placeWithOwnTemplates(program.command);
    // the image, for all tests, when nobody made it yet
    const env = { XDG_CACHE_HOME: process.env["XDG_CACHE_HOME"] ?? join(process.env["HOME"] ?? "", ".cache"), CLOCHE_TEMPLATE: "off" };
    expect((await all.cloche(["build"], { input: "", env }).ended).status).to.equal(0);
    place = placeWithOwnTemplates(program.command);
  });
  after(async () => {
    for (const session of opened) session.stdin.end();
    await Promise.all(opened.map((session) => session.ended));
    place?.[Symbol.dispose]();
    program?.[Symbol.dispose]();
  });

  const templates = () => join(place.env["XDG_CACHE_HOME"] ?? "", "cloche/templates");
  const ready = (): readonly string[] => entriesOf(join(templates(), "ready"));
  const spares = (): readonly string[] => ready().flatMap((key) => entriesOf(join(templates(), "ready", key)).filter(isSpare));
  /** What is written of the one template that there is. */
  const manifest = () => JSON.parse(readFileSync(join(templates(), "ready", ready()[0] ?? "", "template.json"), "utf8")) as { qemu: [number, number]; ram: { extents: [number, number][] } };
  const isReady = (): boolean => ready().length > 0 && spares().length === (mapsReadOnly(manifest().qemu) ? 0 : 1);
  const damage = async () => (await inspectTemplates(join(place.env["XDG_CACHE_HOME"] ?? "", "cloche"), AbortSignal.timeout(MINUTE))).map((report) => report.damage);

  /** One command in a session of its own; answers how it ended and the steps that its start took. */
  async function run(argv: readonly string[]): Promise<Ended & { steps: readonly string[] }> {
    const ended = await place.cloche(["exec", "--", ...argv], { input: "", env: { CLOCHE_BENCH_TIMINGS: timings() } }).ended;
    return { ...ended, steps: taken() };
  }

  const timings = () => join(place.folder, "timings.json");
  /** The steps of the last start that was measured, in the order in which they began. */
  const taken = (): readonly string[] => (JSON.parse(readFileSync(timings(), "utf8")) as { steps: { step: string }[] }).steps.map(({ step }) => step);

  async function open(name: string): Promise<Started> {
    const session = place.cloche(["exec", "--name", name, "--", "sh", "-c", "echo ready; exec cat"]);
    opened.push(session);
    await session.says(/ready\n/);
    return session;
  }

  const inside = async (name: string, script: string): Promise<string> => {
    const { status, stdout, stderr } = await place.cloche(["exec", "--session", name, "--", ...BECOME_ROOT, "sh", "-c", script], { input: "" }).ended;
    expect(status, `${script}\n${stdout}${stderr}`).to.equal(0);
    return stdout;
  };

  it("boots when there is no template yet, which is then made in the background and used from the next start on", async () => {
    const first = await run(["echo", "first"]);
    expect([first.status, first.stdout]).to.deep.equal([0, "first\n"]);
    expect(first.steps).to.include(BOOTED).and.not.include(RESTORED);
    for (let tries = 0; !isReady() && tries < 1800; tries += 1) await sleep(100);
    expect(isReady()).to.equal(true);
    const next = await run(["echo", "next"]);
    expect([next.status, next.stdout]).to.deep.equal([0, "next\n"]);
    expect(next.steps).to.include(RESTORED);
    expect(next.stderr).to.not.include("template");
    expect(entriesOf(join(templates(), "copies"))).to.deep.equal([]);
    expect(entriesOf(join(templates(), "drafts")).flatMap((key) => entriesOf(join(templates(), "drafts", key)))).to.deep.equal([]);
  }).timeout(10 * MINUTE);

  it("has a copy ready for the next start where QEMU needs one, from the beginning and after each session that lasts", async () => {
    const needs = mapsReadOnly(manifest().qemu) ? 0 : 1;
    expect(spares(), "the test before took the one that was made with the template").to.deep.equal([]);
    const session = await open("lasting");
    for (let tries = 0; spares().length < needs && tries < 600; tries += 1) await sleep(100);
    expect(spares()).to.have.lengthOf(needs);
    opened.splice(opened.indexOf(session), 1);
    session.stdin.end();
    expect((await session.ended).status).to.equal(0);
    const { status, steps, stderr } = await run(["true"]);
    expect([status, steps.includes(RESTORED)], stderr).to.deep.equal([0, true]);
    expect(spares(), "it was taken").to.deep.equal([]);
    expect(entriesOf(join(templates(), "copies"))).to.deep.equal([]);
    expect(await damage()).to.deep.equal([undefined]);
  }).timeout(5 * MINUTE);

  it("is begun like the last one before it is known what is wanted, and goes on when it is that", async () => {
    const { status, steps } = await run(["true"]);
    expect(status).to.equal(0);
    expect(steps.filter((step) => step === STARTED)).to.have.length(1);
    expect(steps.indexOf(LOOKED_FOR)).to.be.within(0, steps.indexOf(KNOWN));
    expect(steps.indexOf(SEEDED)).to.be.above(steps.indexOf("boot"));
    if (process.env["CLOCHE_TEST_QEMU_ROOT"] !== undefined) expect(steps.indexOf(STARTED)).to.be.below(steps.indexOf(KNOWN));
  }).timeout(2 * MINUTE);

  it("is ended when something else is wanted, and was given no seed", async () => {
    place.configure({ machine: { template: "off" } });
    const session = place.cloche(["exec", "--", "sh", "-c", "echo ready; exec cat"], { env: { CLOCHE_BENCH_TIMINGS: timings() } });
    await session.says(/ready\n/);
    expect(qemusOf(session.pid)).to.have.length(1);
    session.stdin.end();
    expect((await session.ended).status).to.equal(0);
    place.configure({});
    const steps = taken();
    expect(steps.indexOf(LOOKED_FOR)).to.be.within(0, steps.indexOf(KNOWN));
    expect(steps.filter((step) => step === SEEDED)).to.have.length(1);
    expect(steps.lastIndexOf(BOOTED)).to.be.within(steps.indexOf(KNOWN), steps.indexOf(SEEDED)); // it is the one that booted that was
    expect(entriesOf(join(templates(), "copies"))).to.deep.equal([]);
  }).timeout(3 * MINUTE);

  it("shares no key, id or random number with its siblings, and has the right time", async () => {
    await Promise.all([open("one"), open("two")]);
    const asked = Date.now();
    const [one, two] = await Promise.all(["one", "two"].map(async (name) => (await inside(name, IDENTITY)).trim().split("\n")));
    if (!one || !two) throw new Error("nothing was said");
    expect(one).to.have.lengthOf(17);
    expect(two).to.have.lengthOf(17);
    expect(one.filter((line) => two.includes(line))).to.deep.equal([]);
    for (const lines of [one, two]) expect(Number(lines.at(-1)) / 1e6).to.be.within(asked - 2_000, Date.now() + 2_000);
  }).timeout(5 * MINUTE);

  it("has the agent's program in memory, and nothing of its run before the freeze goes on", async () => {
    const faults = "awk '/^pgmajfault/ { print $2 }' /proc/vmstat";
    const [before, , after, left] = (await inside("two", `${faults}; claude --version; ${faults}; find /proc -maxdepth 1 -user agent -name '[0-9]*' | wc -l`)).trim().split("\n");
    // 90 of them when it comes from the disk, 1 from memory
    expect(Number(after) - Number(before)).to.be.below(30);
    expect(Number(left)).to.equal(1); // what keeps this session
    expect(await inside("two", "ls -d /run/cloche-warm-agent 2>/dev/null || echo gone")).to.equal("gone\n");
  }).timeout(5 * MINUTE);

  it("can write into the template by no means, and leaves it as it was", async () => {
    const [key = ""] = ready();
    const mounts = readOr(`/proc/${qemuOf(opened[0]?.pid ?? 0)}/mountinfo`).split("\n");
    const [mount = ""] = mounts.filter((line) => line.includes(" /state/ram "));
    const { qemu, ram } = manifest();
    // some 325 MB, 150 of them the agent's pages; more than 400 is more than it is worth
    expect(ram.extents.reduce((total, [, bytes]) => total + bytes, 0) / 1e6).to.be.below(400);
    if (process.env["CLOCHE_TEST_QEMU_ROOT"] !== undefined) expect(qemu[0]).to.equal(10);
    // the template's own file, read-only, or a copy that has no name any more
    if (qemu[0] >= 9) expect(mount).to.match(/ \/state\/ram ro,/).and.include(key);
    else expect(mount).to.include("//deleted").and.not.include(key);
    await inside("one", "head -c 100M /dev/urandom >/tmp/much; sync; rm /tmp/much");
    expect(await damage()).to.deep.equal([undefined]);
  }).timeout(5 * MINUTE);

  // the rest is the same whichever QEMU there is, and takes minutes
  if (process.env["CLOCHE_TEST_QEMU_ROOT"] !== undefined) return;

  it("boots instead, saying why, when its template is damaged, and has a good one the time after", async () => {
    const [key = ""] = ready();
    truncateSync(join(templates(), "ready", key, "state"), 1000);
    const { status, stdout, stderr, steps } = await run(["echo", "all", "the", "same"]);
    expect([status, stdout]).to.deep.equal([0, "all the same\n"]);
    expect(stderr).to.match(/^The template is damaged \(its state has 1000 bytes instead of \d+\): booting instead\.$/m);
    expect(steps).to.not.include(RESTORED);
  }).timeout(5 * MINUTE);

  it("leaves nothing of a freezer that is killed in the middle", async () => {
    const freezer = () => entriesOf("/proc").find((pid) => readOr(`/proc/${pid}/cmdline`).includes("freezer-main") && readOr(`/proc/${pid}/cmdline`).includes(program.command[1].replace("/dist/core/cli.js", "")));
    const drafts = () => entriesOf(join(templates(), "drafts")).flatMap((key) => entriesOf(join(templates(), "drafts", key)));
    for (let tries = 0; drafts().length === 0 && ready().length === 0 && tries < 600; tries += 1) await sleep(50);
    const pid = Number(freezer());
    expect(drafts()).to.have.lengthOf(1);
    const machine = () => entriesOf("/proc").filter((one) => readOr(`/proc/${one}/cmdline`).includes("/state/ram") && readOr(`/proc/${one}/mountinfo`).includes(`${templates()}/drafts`));
    process.kill(pid, "SIGKILL");
    for (let tries = 0; (drafts().length > 0 || machine().length > 0) && tries < 200; tries += 1) await sleep(50);
    expect([drafts(), machine(), ready()]).to.deep.equal([[], [], []]);
  }).timeout(2 * MINUTE);

  it("is booted each time when templates are off, and has no more of the host's memory than it used", async () => {
    writeFileSync(join(place.project, "file"), "here");
    const session = place.cloche(["exec", "--", "sh", "-c", "cat file; exec cat"], { env: { CLOCHE_TEMPLATE: "off", CLOCHE_MACHINE_MEMORY: "2GiB" } });
    await session.says(/here/);
    const heldMiB = Number(/^VmHWM:\s+(\d+) kB/m.exec(readOr(`/proc/${qemuOf(session.pid)}/status`))?.[1]) / 1024;
    session.stdin.end();
    const { status, stdout, stderr } = await session.ended;
    expect([status, stdout], stderr).to.deep.equal([0, "here"]);
    // some 550; a kernel that zeroes all of it at its start takes 2300
    expect(heldMiB).to.be.within(100, 1300);
    expect(readdirSync(join(templates(), "ready"))).to.deep.equal([]);
  }).timeout(4 * MINUTE);
});
