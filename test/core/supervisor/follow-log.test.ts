import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { logEntries, type LogEntry } from "../../../core/supervisor/follow-log.ts";
import { LateLog, logFile } from "../../../core/supervisor/session-log.ts";

const calm = () => new AbortController().signal;
const over = () => Promise.resolve(false);

describe("the log of a session", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "cloche-log-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is read back as it was written, lines of one entry together, and nothing in it controls a terminal", async () => {
    const log = new LateLog();
    log.write("before the name is known");
    log.open(folder, "red-fox");
    log.write("two\nlines \x1b]0;x\x07");
    log.close();
    const entries: LogEntry[] = [];
    for await (const entry of logEntries(logFile(folder, "red-fox"), over, calm())) entries.push(entry);
    expect(entries.map(({ text }) => text)).to.deep.equal(["before the name is known", "two\nlines \\u{1b}]0;x\\u{7}"]);
    expect(entries[0]?.at).to.match(/^\d{4}-.*Z$/);
  });

  it("is followed until the session has ended, and what it said last is there", async () => {
    const path = join(folder, "log");
    writeFileSync(path, "");
    let life = 3;
    const goesOn = async () => {
      appendFileSync(path, `2026-01-01T00:00:0${life}.000Z still ${life}\n`);
      return (life -= 1) > 0;
    };
    const texts: string[] = [];
    for await (const { text } of logEntries(path, goesOn, calm())) texts.push(text);
    expect(texts).to.deep.equal(["still 3", "still 2", "still 1"]);
  });

  it("ends at once when the user wants that", async () => {
    const path = join(folder, "log");
    writeFileSync(path, "2026-01-01T00:00:00.000Z one\n");
    const abort = new AbortController();
    const read = async () => {
      for await (const _ of logEntries(path, async () => true, abort.signal)) setTimeout(() => abort.abort(new Error("enough")), 20);
    };
    expect(await read().then(() => "", String)).to.contain("enough");
  });
});
