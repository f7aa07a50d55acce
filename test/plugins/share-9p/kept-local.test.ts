import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { keptLocal } from "../../../plugins/share-9p/kept-local.ts";
import { OPTIONS } from "../../../plugins/share-9p/options.ts";
import { actingFor } from "../../support/fake-host.ts";

describe("The disk for local directories", () => {
  let stateDir: string;
  let said: string[];
  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), "cloche-state-"));
    said = [];
  });
  afterEach(() => rmSync(stateDir, { recursive: true }));
  const kept = (options: object) => keptLocal({ options: OPTIONS.parse(options), session: { ...actingFor().session, stateDir, project: "/p" }, notice: (line) => void said.push(line) });

  it("is asked for only with directories to keep, in a size", () => {
    expect([kept({}), kept({ local: ["target"] }), kept({ keepLocal: "2GiB" })]).to.deep.equal([undefined, undefined, undefined]);
    expect(kept({ local: ["target"], keepLocal: "2GiB" })?.disk).to.include({ serial: "local", bytes: 2 * 2 ** 30, setting: "share.keepLocal" });
    for (const keepLocal of ["0GiB", "5", "500MiB", "-1GiB", "1e3GiB"]) expect(OPTIONS.safeParse({ keepLocal }).success, keepLocal).to.equal(false);
  });

  it("lies with what else is kept of the project, and nothing is made before a machine is about to have it", () => {
    const found = kept({ local: ["target"], keepLocal: "2GiB" });
    expect(existsSync(join(stateDir, "kept"))).to.equal(false);
    const file = found?.disk.file() ?? "";
    expect(file).to.match(/\/kept\/[0-9a-f]{32}\/local\/disk$/);
    expect([existsSync(file), statSync(dirname(file)).mode & 0o777]).to.deep.equal([false, 0o700]);
  });

  it("is spoken of when something that was kept is not there, or may not be whole, and then only", () => {
    for (const [state, how, words] of [
      ["new", "made", undefined], ["kept", undefined, undefined], ["in use", "made", "Another session"], ["kept", "made", "could not be read"], ["kept", "unclean", "did not end in order"],
    ] as const) {
      said = [];
      const found = kept({ local: ["target"], keepLocal: "2GiB" });
      found?.disk.onOpened(state);
      found?.found(how);
      expect(said.length, `${state} ${how}`).to.equal(words === undefined ? 0 : 1);
      if (words !== undefined) expect(said[0]).to.include(words);
    }
  });
});
