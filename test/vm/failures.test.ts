import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { Program } from "../support/program.ts";
import type { Ended } from "../support/started.ts";
import { WatchedPlace } from "../support/watched-place.ts";

const FAILED = 125;

describe("What can go wrong with a machine", () => {
  let place: WatchedPlace;

  beforeEach(() => {
    place = WatchedPlace.booting();
  });

  afterEach(() => place[Symbol.dispose]());

  const exec = (options: readonly string[], ...argv: readonly string[]): Promise<Ended> => place.cloche(["exec", ...options, "--", ...argv], { input: "" }).ended;

  async function expectFailure(ended: Ended, code: string): Promise<void> {
    expect(ended.stderr).to.include(`(${code})`);
    expect(ended).to.include({ status: FAILED, stdout: "" });
    await place.expectNothingLeft();
  }

  it("a guest that does not answer in time: said with the end of its console", async () => {
    const ended = await exec(["--set", "machine.bootDeadline=4s"], "echo", "never");
    expect(ended.stderr).to.match(/The guest did not .* within \d\.?\d* s\. (Its console is empty|The end of its console:\n.+)/);
    expect(ended.stderr).to.include("machine.bootDeadline");
    await expectFailure(ended, "GUEST_SILENT");
  });

  it("a program that takes all of the guest's memory: ended, and said by name, while the machine goes on", async () => {
    const ended = await exec(["--memory", "512MiB"], "sh", "-c", "python3 -c 'all = [bytearray(10**7) for _ in range(1000)]'; echo python3 ended with $?");
    expect(ended.stderr).to.include("The guest ran out of memory and ended: python3. Give it more with machine.memory.");
    expect(ended).to.include({ status: 0, stdout: "python3 ended with 137\n" });
    await place.expectNothingLeft();
  });

  it("more memory than the host has: said so", async () => {
    const ended = await exec(["--memory", "60000GiB"], "echo", "never");
    expect(ended.stderr).to.match(/memory/i);
    await expectFailure(ended, "MEMORY_MISSING");
  });

  it("hardware acceleration that is demanded and does not work: refused with the reason", async () => {
    const ended = await exec(["--accel", "kvm"], "systemd-detect-virt");
    // where it works there is nothing to refuse, and then it is what runs
    if (ended.status === 0) return void expect(ended.stdout).to.equal("kvm\n");
    expect(ended.stderr).to.match(/Hardware acceleration is demanded \(machine\.accel: kvm\), but .{10,}\./);
    await expectFailure(ended, "ACCEL_UNAVAILABLE");
  });

  it("no project: the root, the home directory, a directory of the system, one that is not there", async () => {
    for (const [directory, reason] of [["/", "root of the file system"], [place.home, "your home directory"], ["/usr", "a directory of the system"], [dirname(place.home), "above your home"]] as const) {
      const ended = await exec(["-C", directory], "echo", "never");
      expect(ended.stderr).to.include(reason);
      await expectFailure(ended, "PROJECT_REFUSED");
    }
    await expectFailure(await exec(["-C", join(place.home, "missing")], "echo", "never"), "PROJECT_MISSING");
  });
});

describe("What can go wrong with the image", () => {
  let program: Program;
  let place: WatchedPlace;
  let cache: string;

  before(async function () {
    this.timeout(10 * 60_000);
    program = new Program("small-layer");
    place = WatchedPlace.booting(program.command);
    // The image's own parts are linked, not copied: nothing writes to them, and what replaces them is a new file.
    const shared = place.env["XDG_CACHE_HOME"] ?? "";
    if (!existsSync(join(shared, "cloche"))) expect((await place.cloche(["build"], { input: "", deadlineMs: 9 * 60_000 }).ended).status).to.equal(0);
    cache = mkdtempSync(join(shared, "cloche-test-"));
    execFileSync("cp", ["-al", join(shared, "cloche"), cache]);
  });

  after(() => {
    place[Symbol.dispose]();
    program[Symbol.dispose]();
    rmSync(cache, { recursive: true, force: true });
  });

  const log = (): string => join(cache, "small.log");
  const build = (key: string): Promise<Ended> => {
    place.configure({ small: { log: log(), key } });
    return place.cloche(["build"], { input: "", env: { XDG_CACHE_HOME: cache }, deadlineMs: 4 * 60_000 }).ended;
  };
  const made = (): number => (existsSync(log()) ? readFileSync(log(), "utf8").split("\n").length - 1 : 0);
  const disk = (): string => {
    const [path, ...others] = globSync(join(cache, "cloche/layers/small-*/layer.squashfs"));
    expect(others).to.deep.equal([]);
    return path ?? "";
  };

  it("two that want to make the same at once: one makes it, the other waits and uses it", async () => {
    const both = await Promise.all([build("twice"), build("twice")]);
    expect(both.map(({ status }) => status)).to.deep.equal([0, 0]);
    expect(both[0]?.stdout).to.match(/^The image [0-9a-f]{12} is ready: \d+ MB\.\n$/).and.equal(both[1]?.stdout);
    expect(made()).to.equal(1);
  });

  for (const [what, damage] of [
    ["cut short", (path: string) => truncateSync(path, 1000)],
    ["one changed byte", (path: string) => writeFileSync(path, flipped(readFileSync(path)))],
    ["too long", (path: string) => appendFileSync(path, "more")],
    ["gone", (path: string) => rmSync(path)],
  ] as const) {
    it(`a part that is damaged (${what}): said, and made again`, async () => {
      const before = made();
      damage(disk());
      const ended = await build("twice");
      expect(ended.status).to.equal(0);
      expect(ended.stderr).to.match(/The image's layer small is damaged \(.+\); making it again\./);
      expect(made()).to.equal(before + 1);
      const again = await build("twice");
      expect(again.stderr).to.not.include("damaged");
      expect(made()).to.equal(before + 1);
    });
  }

  it("a kill in the middle: nothing of the half-made is used, and the next one makes it", async () => {
    const before = made();
    place.configure({ small: { log: log(), key: "killed" } });
    const killed = place.cloche(["build"], { input: "", env: { XDG_CACHE_HOME: cache } });
    while (made() === before) await new Promise((resolve) => setTimeout(resolve, 50));
    killed.kill("SIGKILL");
    await killed.ended;
    await place.expectNothingLeft();
    expect((await build("killed")).status).to.equal(0);
    expect(made()).to.equal(before + 2);
    expect(globSync(join(cache, "cloche/drafts/*"))).to.deep.equal([]);
  });

  it("a cache that cannot be written: named", async () => {
    const file = join(place.home, "no-folder");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "");
    const ended = await place.cloche(["build"], { input: "", env: { XDG_CACHE_HOME: file } }).ended;
    expect(ended.status).to.equal(FAILED);
    expect(ended.stderr).to.include(`The image cache ${file}/cloche cannot be used`).and.include("XDG_CACHE_HOME");
    rmSync(file);
  });
});

function flipped(bytes: Buffer): Buffer {
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  return bytes;
}
