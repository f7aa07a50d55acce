import { expect } from "chai";
import { onSmallDisk } from "../../../support/small-disk.ts";

const SIZE = 262_144;
const PRELUDE = `
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync, rmSync } from "node:fs";
const { applyChange } = await import(process.argv[1] + "plugins/share-9p/review/apply.ts");
const { ChangeStore } = await import(process.argv[1] + "plugins/share-9p/review/store.ts");
const codeOf = (work) => { try { work(); return "done"; } catch (error) { return error.code ?? error.message; } };
const change = (path, kind = "file") => ({ path, kind, executable: false, replaces: false, size: 0, hash: "", base: { kind: "nothing", executable: false, hash: "" } });
const at = (path) => process.argv[2] + path;
const big = Buffer.alloc(${SIZE}, "x");
`;

const onDisk = (script: string): unknown => onSmallDisk(SIZE, `${PRELUDE}${script}`);

describe("Changes in review, on a disk that is full", () => {
  it("leave what was there as it was, a file and a directory, and nothing beside it", () => {
    const told = onDisk(`
      writeFileSync(at("/file"), "old"); mkdirSync(at("/folder")); writeFileSync(at("/folder/file"), "old");
      const ends = ["file", "folder", "new"].map((path) => codeOf(() => applyChange(at(""), change(path), big, new Map())));
      const was = [readFileSync(at("/file"), "utf8"), readFileSync(at("/folder/file"), "utf8"), readdirSync(at("")).sort()];
      const after = codeOf(() => applyChange(at(""), change("folder"), Buffer.from("new"), new Map()));
      console.log(JSON.stringify([ends, was, after, readFileSync(at("/folder"), "utf8")]));`);
    expect(told).to.deep.equal([["ENOSPC", "ENOSPC", "ENOSPC"], ["old", "old", ["file", "folder"]], "done", "new"]);
  });

  it("are kept whole or not at all, and what is noted later is understood", () => {
    const told = onDisk(`
      const store = ChangeStore.make(at("/state"), at("/p"), "one");
      const writing = store.vault.write(store.number());
      const end = codeOf(() => { writing.add(big); writing.end(); });
      writing.giveUp();
      store.set(change("first"));
      let filler = 0;
      while (codeOf(() => writeFileSync(at("/fill-" + filler), Buffer.alloc(1024))) === "done") filler += 1;
      let noted = 0;
      while (codeOf(() => store.set(change("n".repeat(200) + noted))) === "done") noted += 1;
      rmSync(at("/fill-0"));
      store.unset("first");
      store.set(change("last"));
      const again = ChangeStore.all(at("/state"), at("/p"))[0];
      console.log(JSON.stringify([end, again.changes.has("first"), again.changes.has("last"), noted > 0, again.changes.size === noted + 1]));`);
    expect(told).to.deep.equal(["ENOSPC", false, true, true, true]);
  });
});
