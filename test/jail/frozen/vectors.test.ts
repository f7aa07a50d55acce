import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { FrozenArena } from "./frozen-arena.ts";
import { Oracle, STARTED } from "./oracle.ts";
import { ALL_NAMES, attackAll, HARMLESS, NESTED_NAMES, prepare, REFUSED, VECTORS } from "./vectors.ts";

describe("Frozen files, with an attacker in QEMU's place", () => {
  let arena: FrozenArena;
  let oracle: Oracle;
  beforeEach(() => {
    arena = new FrozenArena();
    oracle = new Oracle();
    writeFileSync(join(oracle.folder, "evil"), oracle.payload, { mode: 0o755 });
  });
  afterEach(async () => {
    oracle[Symbol.dispose]();
    await arena[Symbol.asyncDispose]();
  });

  for (const existing of [true, false]) {
    const vectors = existing ? { ...ALL_NAMES, ...NESTED_NAMES } : ALL_NAMES;
    it(`let no vector through, whatever is tried, when the files were ${existing ? "there" : "not there"} before`, async function () {
      this.timeout(120_000);
      prepare(arena.folder, oracle, existing, vectors);
      const lines = await arena.insideAfter(attackAll(oracle, vectors), (jailed) => arena.freeze(jailed));
      const through = lines.filter((line) => !REFUSED.test(line) && !HARMLESS.test(line));
      expect(lines).to.have.length.above(14 * Object.keys(vectors).length);
      expect(through.join("\n")).to.equal("");
      arena.placeholders?.end();
      expect(oracle.judge(arena.folder), "something of the project ran on the host").to.equal("");
      expect(arena.replaced).to.deep.equal([]);
    });
  }

  it("let none through after the host's git changed its configuration and got a worktree and a submodule in mid-session", async function () {
    this.timeout(60_000);
    prepare(arena.folder, oracle, true);
    const git = (...args: string[]) => oracle.run(arena.folder, ["git", ...args]);
    const added = [".git/worktrees/tree/commondir", ".git/worktrees/tree/gitdir", ".git/worktrees/tree/config.worktree", ".git/modules/inner/config", ".git/modules/inner/hooks", ".git/modules/inner/commondir"];
    const vectors = { ...VECTORS, ...Object.fromEntries(added.map((path) => [path, VECTORS[path.endsWith("commondir") ? ".git/commondir" : ".git/config"] ?? { content: "" }])) };
    const lines = await arena.insideAfter(attackAll(oracle, vectors), async (jailed) => {
      await arena.freeze(jailed);
      git("config", "alias.mine", "status");
      git("remote", "add", "upstream", "/nowhere");
      git("worktree", "add", "-q", "-b", "tree", "tree");
      git("submodule", "add", "-q", "./a/b/nested", "inner"); // which changes the configuration at its end
      await arena.holds(jailed, [".git/config", ...added]);
    });
    expect(lines.filter((line) => !REFUSED.test(line) && !HARMLESS.test(line)).join("\n")).to.equal("");
    expect(git("config", "remote.upstream.url")).to.equal("/nowhere\n");
    arena.placeholders?.end();
    for (const folder of ["", "tree", "inner"]) expect(oracle.judge(join(arena.folder, folder)), folder).to.equal("");
    expect(arena.lost).to.deep.equal([]);
  });

  it("are what holds the attacker: unfrozen, the same attack runs on the host", async () => {
    prepare(arena.folder, oracle, true);
    await arena.inside(attackAll(oracle));
    const marks = oracle.judge(arena.folder);
    for (const program of ["git", "direnv", "npm", "husky", ...STARTED]) expect(marks, "the control of the oracle").to.include(`evil by ${program}\n`);
  });
});
