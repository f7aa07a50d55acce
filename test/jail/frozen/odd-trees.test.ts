import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { isFailure } from "../../../core/index.ts";
import { FrozenArena } from "./frozen-arena.ts";

// Tries to write, to replace and to move away; tells the first that works.
const TRY = `
sub hit { my ($path) = @_; my $full = "$dir/$path";
  my $f; return "written" if sysopen($f, $full, O_WRONLY|O_CREAT|O_NONBLOCK) && syswrite($f, "evil");
  open(my $e, ">", "$dir/zz-evil"); return "replaced" if rename("$dir/zz-evil", $full);
  return "moved" if rename($full, "$dir/zz-away"); return "removed" if unlink($full) || rmdir($full);
  "held" }
`;

describe("Frozen files in odd trees", () => {
  let arena: FrozenArena;
  beforeEach(() => (arena = new FrozenArena()));
  afterEach(() => arena[Symbol.asyncDispose]());
  const at = (path: string) => join(arena.folder, path);

  /** What came of attacking each path, given as perl writes it in double quotes. */
  async function attack(...paths: readonly string[]): Promise<string[]> {
    return await arena.insideAfter(`${TRY} say_(hit($_)) for (${paths.map((path) => `"${path}"`).join(", ")})`, (jailed) => arena.freeze(jailed));
  }

  it("are held where they are links, with what those lead to in the tree, and out of it nothing is touched", async () => {
    mkdirSync(at("shared/editor"), { recursive: true });
    writeFileSync(at("shared/editor/tasks.json"), "{}");
    symlinkSync("shared/editor", at(".vscode"));
    symlinkSync(".envrc", at(".envrc"));
    symlinkSync("/etc/hostname", at(".npmrc"));
    symlinkSync("../../../../etc", at(".idea"));
    symlinkSync("nowhere", at(".zed"));
    const before = readFileSync("/etc/hostname", "utf8");
    const results = await attack(".vscode", "shared/editor/tasks.json", "shared/editor", "shared", ".envrc", ".npmrc", ".idea", ".zed", "free");
    expect(results).to.deep.equal([...Array<string>(8).fill("held"), "written"]);
    expect(readFileSync("/etc/hostname", "utf8")).to.equal(before);
  });

  it("are held in directories of any name, whatever they are, at any depth", async () => {
    const script = `mkdir -p "$1" && git init -q "$1/x" && printf a >"$1/.envrc" && mkfifo "$1/.npmrc"`;
    const odd = ["new\nline", "$(printf 'bad\\377')", "n".repeat(255), `${"deep/".repeat(40)}end`, "-dash", "*"];
    for (const name of odd) {
      const shell = name.startsWith("$(") ? `set -- "${name}"; ${script}` : script;
      execFileSync("sh", ["-c", shell, "sh", `./${name}`.replace("./$(", "$(")], { cwd: arena.folder });
    }
    execFileSync("python3", ["-c", 'import socket; socket.socket(socket.AF_UNIX).bind("-dash/.exrc")'], { cwd: arena.folder });
    const perl = ["new\\nline", "bad\\xff", "n".repeat(255), `${"deep/".repeat(40)}end`, "-dash", "*"];
    const paths = perl.flatMap((name) => [`${name}/x/.git/config`, `${name}/x/.git/hooks`, `${name}/x/.git`, `${name}/.envrc`, `${name}/.npmrc`, name]);
    paths.push("-dash/.exrc");
    expect(await attack(...paths)).to.deep.equal(paths.map(() => "held"));
  });

  it("are held in a repository that a file or a link names, and in a bare one", async () => {
    const git = (...args: string[]) => execFileSync("git", args, { cwd: arena.folder });
    git("init", "-q", "--separate-git-dir", "real.git", "work");
    git("init", "-q", "--bare", "bare.git");
    git("init", "-q", "other");
    mkdirSync(at("linked"));
    symlinkSync("../other/.git", at("linked/.git"));
    const paths = ["work/.git", "real.git/config", "real.git/hooks", "real.git/commondir", "bare.git/config", "bare.git/hooks", "linked/.git", "other/.git/config"];
    expect(await attack(...paths)).to.deep.equal(paths.map(() => "held"));
  });

  it("that cannot be held keep anything from being lent", async () => {
    const jailed = await arena.launch(["/usr/bin/sleep", "1000"]);
    mkdirSync(at("a"));
    const holds = await jailed.openHolds({ scope: arena.scope, signal: new AbortController().signal });
    symlinkSync("a", at("link"));
    const outcomes = await holds.hold("project", [
      { path: "gone", kind: "fixed" }, { path: "../up", kind: "fixed" }, { path: "link/x", kind: "fixed", placeholder: "directory" }, { path: "a", kind: "fixed" },
    ]);
    expect(outcomes.map((outcome) => ("error" in outcome ? outcome.error : "held"))).to.deep.equal(["ENOENT", "EXDEV", "ENOTDIR", "held"]);
    expect(existsSync(at("a/x"))).to.equal(false);
  });

  it("of a tree with too many of them are refused with a way out, not a crash", async function () {
    this.timeout(60_000);
    for (let index = 0; index < 2100; index++) {
      mkdirSync(at(`d${index}`));
      writeFileSync(at(`d${index}/.envrc`), "");
    }
    const jailed = await arena.launch(["/usr/bin/sleep", "1000"]);
    const failure = await arena.freeze(jailed).then(() => undefined, (error: unknown) => error);
    expect(isFailure(failure, "SHARE_TOO_MANY_FROZEN")).to.equal(true);
  });

  it("lose nothing but their hold when the host removes the tree under a session", async () => {
    mkdirSync(at("sub"));
    writeFileSync(at("sub/.envrc"), "");
    const jailed = await arena.launch(["/usr/bin/sleep", "1000"]);
    await arena.freeze(jailed);
    rmSync(at("sub"), { recursive: true });
    for (const name of [".vscode", ".envrc", ".zed"]) rmSync(at(name), { recursive: true });
    for (const deadline = Date.now() + 5_000; arena.replaced.length < 3 && Date.now() < deadline; ) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(arena.lost).to.deep.equal([]);
    expect(existsSync(at(".envrc"))).to.equal(true);
  });
});
