import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { FrozenArena } from "./frozen-arena.ts";

const SECRET = "TOKEN=canary";
const MASKED = [".env", "config/.env", ".git/config", "secrets", "link"];

// Every way to what is in a file that comes to mind; it says what it got.
const LOOKING = `
sub look { my ($path) = @_; local $/; open(my $f, "<", "$dir/$path") or return "no"; my $all = <$f>; return $all =~ /canary/ ? "SEEN" : "empty" }
`;
const LOOK = `${LOOKING}
for my $path (".env", "config/.env", ".git/config", "secrets/key", "link", "real/.env", "other") { say_($path, look($path)) }
rename("$dir/config", "$dir/moved"); say_("moved", look("moved/.env"));
rename("$dir/.env", "$dir/away"); say_("away", look("away"));
link("$dir/.env", "$dir/hard"); say_("hard", look("hard"));
unlink("$dir/.env"); say_("unlinked", look(".env"));
symlink("config/.env", "$dir/soft"); say_("soft", look("soft"));
open(my $f, ">", "$dir/.env"); print $f "x" if $f; close $f if $f; say_("written", look(".env"));
`;

describe("Masked files of the project", () => {
  let arena: FrozenArena;

  beforeEach(() => {
    arena = new FrozenArena();
    for (const folder of ["config", ".git", "secrets", "real"]) mkdirSync(join(arena.folder, folder));
    for (const name of [".env", "config/.env", ".git/config", "secrets/key", "real/.env", "other"]) writeFileSync(join(arena.folder, name), SECRET);
    symlinkSync("real/.env", join(arena.folder, "link"));
  });
  afterEach(async () => await arena[Symbol.asyncDispose]());

  it("seem to be empty to whoever is in the jail, by whatever way; the others do not, nor do they on the host", async () => {
    const seen = await arena.insideAfter(LOOK, async (jailed) => await arena.freeze(jailed, { masked: MASKED }));
    expect(seen).to.deep.equal([".env empty", "config/.env empty", ".git/config empty", "secrets/key no", "link empty", "real/.env empty", "other SEEN", "moved no", "away no", "hard no", "unlinked empty", "soft empty", "written empty"]);
    for (const name of [".env", "config/.env", ".git/config", "secrets/key"]) expect(readFileSync(join(arena.folder, name), "utf8")).to.equal(SECRET);
  });

  it("seem to be so too when nothing is frozen", async () => {
    const seen = await arena.insideAfter(LOOK, async (jailed) => await arena.freeze(jailed, { masked: MASKED, freeze: false }));
    expect(seen.slice(0, 6)).to.deep.equal([".env empty", "config/.env empty", ".git/config empty", "secrets/key no", "link empty", "real/.env empty"]);
  });

  it("are seen without a mask: the control", async () => {
    const seen = await arena.insideAfter(LOOK, async (jailed) => await arena.freeze(jailed));
    expect(seen.filter((line) => line.endsWith("SEEN"))).to.include.members([".env SEEN", "config/.env SEEN", "secrets/key SEEN", "link SEEN"]);
  });

  it("stay masked when the host replaces them in mid-session", async () => {
    const seen = await arena.insideAfter(`${LOOKING} say_("replaced", look(".env"));`, async (jailed) => {
      await arena.freeze(jailed, { masked: MASKED });
      writeFileSync(join(arena.folder, "new"), `${SECRET}-new`);
      renameSync(join(arena.folder, "new"), join(arena.folder, ".env"));
      for (const until = Date.now() + 5000; !arena.replaced.includes(".env") && Date.now() < until; ) await sleep(10);
    });
    expect(seen).to.deep.equal(["replaced empty"]);
  });
});
