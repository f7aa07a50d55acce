import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import type { Guest } from "../../../../core/index.ts";
import { guestFilesFor } from "../../../../plugins/share-9p/git/guest-files.ts";
import { isWorthAsking } from "../../../../plugins/share-9p/git/quick-git.ts";
import { mountShare } from "../../../../plugins/share-9p/mount.ts";
import { KEEP_SCRIPT } from "../../../../plugins/share-9p/mount-script.ts";
import { localGuest } from "../../../core/sessions/local-guest.ts";

describe("What the guest's git is given to ask with", () => {
  let folder: string;
  beforeEach(() => (folder = realpathSync(mkdtempSync(join(tmpdir(), "cloche-git-")))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  for (const name of ["project", `a, "b" it's ü $(c)`, "glob[a-z]*?", "back\\slash", "#;=", "end "]) {
    it(`is for repositories in the project and for no other: ${JSON.stringify(name)}`, () => {
      const project = join(folder, name);
      const files = guestFilesFor(project, "word") ?? [];
      for (const { path, text } of files) {
        mkdirSync(join(folder, "guest", dirname(path)), { recursive: true });
        writeFileSync(join(folder, "guest", path), text.replaceAll("path = /run", `path = ${folder}/guest/run`));
      }
      const settingIn = (place: string, name: string) => {
        mkdirSync(place, { recursive: true });
        const env = { PATH: "/usr/bin:/bin", HOME: folder, GIT_CONFIG_SYSTEM: join(folder, "guest/etc/gitconfig") };
        execFileSync("git", ["init", "-q"], { cwd: place, env });
        return execFileSync("git", ["config", "--default", "no", name], { cwd: place, env, encoding: "utf8" }).trim();
      };
      const asks = (place: string) => settingIn(place, "core.fsmonitor");
      expect(asks(project)).to.equal("/run/cloche-git/changes");
      expect([settingIn(project, "core.checkStat"), settingIn(join(folder, "other"), "core.checkStat")]).to.deep.equal(["minimal", "no"]);
      expect(asks(join(project, "nested/deep"))).to.equal("/run/cloche-git/changes");
      expect([asks(join(folder, "other")), asks(`${project}-too`), asks(join(folder, "globa"))]).to.deep.equal(["no", "no", "no"]);
    });
  }

  it("is given where asking is worth its time: not in a small repository, but in a large one, or where there may be some further down", () => {
    const worth = [isWorthAsking(folder)];
    const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, env: { PATH: "/usr/bin:/bin", HOME: folder } });
    git("init", "-q");
    for (const count of [10, 300]) {
      for (let index = 0; index < count; index += 1) writeFileSync(join(folder, `file-${index}`), "");
      git("add", "-A");
      worth.push(isWorthAsking(folder));
    }
    expect(worth).to.deep.equal([true, false, true]);
  });

  it("asks nothing where the host knows nothing of the guest's edits", () => {
    const files = guestFilesFor("/p", undefined) ?? [];
    expect(files.map(({ path }) => path)).to.deep.equal(["/run/cloche-git/config", "/etc/gitconfig"]);
    expect(files[0]?.text).to.equal("[core]\n\tcheckStat = minimal\n");
  });

  it("is nothing where git's configuration cannot name the project", () => {
    expect(guestFilesFor("/srv/two\nlines", "word")).to.equal(undefined);
  });

  it("arrives whole, instead of or after what is there, by the script that keeps the share", async () => {
    const loop = /^while read[^]*?^done$/m.exec(KEEP_SCRIPT)?.[0] ?? "";
    const local = localGuest();
    const guest: Pick<Guest, "run" | "start"> = {
      run: async () => ({ stdout: "mounted\n", stderr: "" }),
      start: async () => await local.guest.open({ user: "root", argv: ["/bin/sh", "-c", `${loop}\necho free`] }),
    };
    const share = await mountShare(guest as Guest, { tag: "project", source: "/p", target: "/p", readOnly: false, overlay: false, local: [] }, { size: "50%" }, new AbortController().signal);
    const path = join(folder, "new/file");
    const text = "#!/bin/sh\n\t$x `y` \\n %s \"'é\u0001\n";
    share.put({ how: "append", path, text: "old\n", mode: 0o600 });
    share.put({ how: "write", path, text: "first\n", mode: 0o600 });
    share.put({ how: "append", path, text, mode: 0o755 });
    expect(await share.end()).to.equal(undefined);
    expect(execFileSync("cat", [path], { encoding: "utf8" })).to.equal(`first\n${text}`);
    expect(execFileSync("stat", ["-c", "%a", path], { encoding: "utf8" })).to.equal("755\n");
  });
});
