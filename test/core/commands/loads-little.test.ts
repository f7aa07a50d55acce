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
    expect([...loadedWith("core/commands/start-session.ts")]).to.include("zod");
    expect([...loadedWith("core/commands/attach.ts")]).to.include("core/support/errors.ts");
  });
});
