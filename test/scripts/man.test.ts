import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";
import { everyCommand } from "../../core/cli/every-command.ts";
import { packageVersion } from "../../core/cli/version.ts";
import { manPage } from "../../scripts/docs/man-page.ts";
import { readSource, ROOT } from "../support/sources.ts";

describe("The man page", () => {
  it("is made from the table of commands, and stands in docs/cloche.1 (npm run docs:man)", async () => {
    expect(readSource("docs/cloche.1")).to.equal(manPage(await everyCommand(), packageVersion()));
  });

  it("is shipped", () => {
    const manifest = JSON.parse(readSource("package.json")) as { files: readonly string[]; man: string };
    expect(manifest.man).to.equal("docs/cloche.1");
    expect(manifest.files).to.include("docs/cloche.1");
  });

  it("is shown by man without a complaint, with every command and its options", async () => {
    const { status, stdout, stderr } = spawnSync("man", ["--warnings", "-l", join(ROOT, "docs/cloche.1")], {
      env: { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8", MANWIDTH: "120", MAN_KEEP_FORMATTING: "" },
    });
    expect({ status, complaints: stderr.toString() }).to.deep.equal({ status: 0, complaints: "" });
    const page = stdout.toString().replace(/.\x08/g, "");
    for (const { name, flags, hidden } of await everyCommand()) {
      if (hidden === true) continue;
      expect(page).to.contain(name.split(" ")[0]);
      for (const flag of flags) expect(page).to.contain(`--${flag.name}`);
    }
  });
});
