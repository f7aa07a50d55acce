import { expect } from "chai";
import { staticImportsOf } from "../../support/sources.ts";

/** All that is loaded with a file, before anything of it runs; packages by their names. */
function loadedWith(first: string): ReadonlySet<string> {
  const all = new Set<string>();
  const visit = (path: string): void => {
    if (all.has(path)) return;
    all.add(path);
    if (path.startsWith("core/")) for (const imported of staticImportsOf(path)) visit(imported);
  };
  visit(first);
  return all;
}

describe("A command in a session that runs", () => {
  // zod alone is a hundred files, and the configuration's part some thirty more
  for (const path of ["core/cli.ts", "core/commands/exec.ts", "core/commands/shell.ts", "core/commands/exec-in-session.ts", "core/commands/attach.ts", "core/commands/remote-desk.ts"]) {
    it(`does not wait for zod, tapable, SSH or cryptography to be loaded: ${path}`, () => {
      expect([...loadedWith(path)].filter((one) => ["zod", "tapable", "ssh2", "node:crypto"].includes(one))).to.deep.equal([]);
    });
  }

  it("would, if it loaded what a start needs", () => {
    expect([...loadedWith("core/commands/context.ts")]).to.include("zod");
    expect([...loadedWith("core/commands/attach.ts")]).to.include("core/support/errors.ts");
  });
});

describe("A command that starts a detached session", () => {
  // all that it loads itself, the process that is to keep the session has to wait for
  for (const path of ["core/commands/run.ts", "core/commands/start-session.ts", "core/commands/resume.ts", "core/commands/snapshot-start.ts", "core/commands/rollback.ts", "core/supervisor/launch.ts"]) {
    it(`starts its process without loading what that process will load: ${path}`, () => {
      const loaded = [...loadedWith(path)];
      expect(loaded.filter((one) => ["zod", "tapable", "ssh2", "node:crypto", "core/run-session.ts", "core/commands/saved-of.ts"].includes(one))).to.deep.equal([]);
      expect(loaded.length).to.be.greaterThan(1);
    });
  }
});

describe("A start", () => {
  it("loads nothing that only the making of an image needs", () => {
    for (const path of ["core/run-session.ts", "core/image/build-image.ts", "core/machine/start.ts"]) expect([...loadedWith(path)], path).to.not.include("execa");
  });
});
