import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { ToldGit } from "./told-git.ts";

const STEPS = 40;

/** Numbers below a limit, the same at each run. */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** What people and programs do to a tree, each with names out of a few, so that they meet. */
function deeds(git: ToldGit, number: (limit: number) => number): readonly (() => unknown)[] {
  const folder = () => ["", "a/", "a/b/", "c/", "new/", "new/deep/", "node_modules/"][number(7)] ?? "";
  const file = () => `${folder()}${["x", "y", "z", "ü ", "ignored.log"][number(5)]}`;
  const inFolder = (path: string) => {
    mkdirSync(git.at(path.replace(/[^/]*$/, ".")), { recursive: true });
    return git.at(path);
  };
  const put = (path: string) => attempt(() => writeFileSync(inFolder(path), `${number(4)}\n`));
  const either = async (...args: string[]) => (number(2) === 0 ? git.host(...args) : await git.guest(...args));
  return [
    () => put(file()), () => put(file()), () => put(file()),
    () => rmSync(git.at(file()), { recursive: true, force: true }),
    () => rmSync(git.at(folder() || "c"), { recursive: true, force: true }),
    () => attempt(() => renameSync(git.at(file()), inFolder(file()))),
    () => attempt(() => renameSync(git.at(folder()), git.at(folder()))),
    () => attempt(() => symlinkSync("x", git.at(file()))),
    () => attempt(() => chmodSync(git.at(file()), number(2) === 0 ? 0o755 : 0o644)),
    // the same size, and the time set back: only the time of its entry tells
    () => attempt(() => {
      const path = git.at(file());
      const { atime, mtime } = statSync(path);
      writeFileSync(path, `${number(4)}\n`);
      utimesSync(path, atime, mtime);
    }),
    () => writeFileSync(inFolder(`${folder()}.gitignore`), ["*.log\n", "x\n", "new\n", "!ignored.log\n", ""][number(5)] ?? ""),
    () => writeFileSync(git.at(".git/info/exclude"), ["z\n", ""][number(2)] ?? ""),
    () => either("add", "-A"), () => either("commit", "-qm", "more"), () => either("reset", "-q", "--hard"), () => either("stash", "-q", "-u"), () => either("stash", "pop", "-q"),
    () => either("checkout", "-q", "-B", `branch-${number(3)}`, ...(number(2) === 0 ? [] : ["HEAD~1"])),
    () => git.host("status"), () => git.host("update-index", "-q", "--refresh"),
    () => git.hostIn(git.at(folder()), "init", "-q", "nested"),
    () => existsSync(git.at("c/nested/.git")) && git.hostIn(git.at("c/nested"), "commit", "-q", "--allow-empty", "-m", "nested"),
  ];
}

function attempt(deed: () => void): void {
  try {
    deed();
  } catch {
    // there is no such thing now
  }
}

describe("The guest's git, told by the host what changed", () => {
  let git: ToldGit;
  beforeEach(async () => {
    git = await ToldGit.open();
    for (const folder of ["a/b", "c"]) mkdirSync(git.at(folder), { recursive: true });
    for (const file of ["x", "a/x", "a/b/x", "c/y"]) writeFileSync(git.at(file), "0\n");
    git.host("add", "-A");
    git.host("commit", "-qm", "first");
  });
  afterEach(() => git[Symbol.asyncDispose]());

  for (const seed of [1, 2]) {
    it(`says what is true after anything that is done on either side (${seed})`, async function () {
      this.timeout(120_000);
      const number = numbers(seed);
      const all = deeds(git, number);
      const done: number[] = [];
      for (let step = 0; step < STEPS; step += 1) {
        for (let count = number(3); count >= 0; count -= 1) {
          const index = number(all.length);
          done.push(index);
          await all[index]?.();
        }
        const more = number(3) === 0 ? ["--untracked-files=all"] : [];
        const truth = git.truth(git.project, ...more);
        expect(await git.guest("status", "--porcelain", ...more), `step ${step}, after ${done.slice(-6).join(" ")}`).to.equal(truth);
        if (number(3) === 0) expect(git.host("status", "--porcelain", ...more), `the host's, step ${step}`).to.equal(truth);
      }
      expect(git.answers.filter(({ paths }) => paths !== "anything")).to.have.length.above(STEPS / 3);
    });
  }

  it("does not look at the files that did not change, and asks the same of the host's git as before", async () => {
    for (let index = 0; index < 200; index += 1) writeFileSync(git.at(`c/${index}`), "");
    git.host("add", "-A");
    git.host("commit", "-qm", "many");
    await sleep(3_500); // what is this fresh is looked at even so
    await git.guest("status");
    writeFileSync(git.at("c/7"), "7\n");
    expect(await git.lookedAt("guest")).to.equal(1);
    expect(await git.lookedAt("host")).to.equal(204);
  });

  it("looks at everything where the user has git cache untracked files", async () => {
    await git.guest("status");
    git.host("config", "core.untrackedCache", "true");
    git.host("status");
    await git.guest("status");
    await git.guest("status");
    expect(git.answers.at(-1)?.paths).to.equal("anything");
  });

  it("looks at everything when the host does not answer", async () => {
    await git.guest("status");
    await git.close();
    writeFileSync(git.at("a/x"), "1\n");
    expect(await git.guest("status", "--porcelain")).to.equal(" M a/x\n");
  });

  it("is told of repositories in the project by their own paths, and where nothing is looked at, that anything may have changed", async () => {
    for (const inner of ["c/inner", "node_modules/inner"]) {
      git.hostIn(git.at(), "init", "-q", inner);
      writeFileSync(git.at(inner, "x"), "0\n");
      git.hostIn(git.at(inner), "add", "x");
      await git.guestIn(git.at(inner), "status");
      writeFileSync(git.at(inner, "x"), "1\n");
      expect(await git.guestIn(git.at(inner), "status", "--porcelain")).to.equal("AM x\n");
    }
    expect(git.answers.slice(-3)).to.deep.equal([
      { directory: "c/inner", paths: ["x"] },
      { directory: "node_modules/inner", paths: "anything" },
      { directory: "node_modules/inner", paths: "anything" },
    ]);
  });
});
