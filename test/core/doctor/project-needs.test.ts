import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { needsOf, projectNeeds } from "../../../core/doctor/project-needs.ts";
import type { Look } from "../../../core/doctor/look.ts";

/** A project with these files. */
async function withFiles<T>(files: Readonly<Record<string, string>>, work: (project: string) => Promise<T>): Promise<T> {
  const project = realpathSync(mkdtempSync(join(tmpdir(), "cloche-needs-")));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(project, name), content);
    return await work(project);
  } finally {
    rmSync(project, { recursive: true });
  }
}

const toolsOf = (files: Readonly<Record<string, string>>) => withFiles(files, async (project) => (await needsOf(project)).map(({ tool }) => tool));

describe("What a project seems to need", () => {
  it("is told by its lock files and version files", async () => {
    expect(await toolsOf({ "package-lock.json": "{}", ".nvmrc": "v24.1.0\n", "go.mod": "", "flake.nix": "" })).to.deep.equal(["node@24", "go", "nix"]);
    expect(await toolsOf({ "package.json": "{}", ".nvmrc": "lts/*" })).to.deep.equal(["node"]);
    expect(await toolsOf({ "pom.xml": "", "uv.lock": "", "Cargo.toml": "" })).to.deep.equal(["python", "java", "rust"]);
    expect(await toolsOf({ ".java-version": "21.0.2\n", ".python-version": "3.12\n" })).to.deep.equal(["python", "java@21"]);
    expect(await toolsOf({ ".java-version": "8\n" })).to.deep.equal(["java"]);
    expect(await toolsOf({ "README.md": "" })).to.deep.equal([]);
  });

  it("is read as data only, whatever was planted there", async () => {
    await withFiles({ "package.json": "{}" }, async (project) => {
      symlinkSync("/etc/hostname", join(project, ".nvmrc"));
      execFileSync("mkfifo", [join(project, ".node-version")]);
      expect((await needsOf(project)).map(({ tool }) => tool)).to.deep.equal(["node"]);
    });
  });

  it("is suggested as the line to type, and not when it is there", async () => {
    await withFiles({ "go.mod": "", "Cargo.lock": "" }, async (project) => {
      const look = {} as Look;
      expect(await projectNeeds(project, ["rust"]).run(look)).to.deep.equal({ state: "ok", found: "may need go (go.mod)", fix: `If so: cloche config set image.tools '["rust","go"]'` });
      expect((await projectNeeds(project, ["rust", "go"]).run(look)).fix).to.equal(undefined);
    });
  });
});
