import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import fc from "fast-check";
import { readEntry } from "../../../../plugins/egress/audit/entry.ts";
import { AuditFile } from "../../../../plugins/egress/gateway/audit.ts";

const FULL = new URL("../support/full-audit.ts", import.meta.url);

describe("The audit", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloche-test-"));
    file = join(folder, "egress.jsonl");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is one line of plain ASCII for each decision, whatever was asked for", () => {
    const audit = new AuditFile(file, "test");
    const names: string[] = ["\u001b]52;c;aGk=\u0007", "a\nb", "\u009b31m", "\u202e", "\u{1f4a9}", "\\u0000"];
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 40 }), (name) => { names.push(name); }));
    for (const name of names) audit.record({ kind: "name", name, verdict: "refused", why: "no rule names this host" });
    const text = readFileSync(file, "latin1");
    expect(text).to.match(/^[\x20-\x7e\n]*$/);
    const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ name }) => name)).to.deep.equal(names);
    expect(lines[0]).to.include({ session: "test", kind: "name", verdict: "refused", why: "no rule names this host" });
    expect(Date.parse(String(lines[0]?.["time"]))).to.be.closeTo(Date.now(), 60_000);
  });

  it("cuts what is long, and keeps at most three files of 4 MiB: the first one, and the last two", () => {
    const audit = new AuditFile(file, "test");
    audit.record({ kind: "name", name: `first ${"x".repeat(250)}`, verdict: "allowed", why: "" });
    const began = readFileSync(file, "utf8").slice(0, 300);
    for (let number = 0; number < 50_000; number += 1) audit.record({ kind: "name", name: "x".repeat(5_000), verdict: "allowed", why: "" });
    expect(statSync(file).size).to.be.within(1, 4 * 1024 * 1024);
    expect(readFileSync(`${file}.first`, "utf8").slice(0, 300)).to.equal(began);
    expect(statSync(`${file}.1`).size).to.be.within(4 * 1024 * 1024 - 1000, 4 * 1024 * 1024);
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    for (const line of lines) expect((JSON.parse(line) as { name: string }).name).to.have.length(301);
  });

  it("leaves out refusals beyond twenty a second, and says how many", () => {
    const audit = new AuditFile(file, "test");
    for (let number = 0; number < 3_000; number += 1) audit.record({ kind: "name", name: "x", verdict: "refused", why: "" });
    audit.record({ kind: "connection", name: "allowed.test", verdict: "allowed", why: "" });
    const lines = readFileSync(file, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line) as { verdict: string; lost?: number });
    expect(lines.length).to.be.within(1_001, 1_200);
    expect(lines.reduce((sum, { lost = 0 }) => sum + lost, lines.length)).to.equal(3_001);
  });

  it("goes on with a line of its own after one for which there was no room, and says that it is missing", () => {
    // what writes beyond the limit is killed unless it ignores that signal
    const { status, stderr } = spawnSync("sh", ["-c", 'trap "" XFSZ; exec "$@"', "sh", process.execPath, fileURLToPath(FULL), file], { encoding: "utf8" });
    expect([status, stderr]).to.deep.equal([0, ""]);
    const entries = readFileSync(file, "utf8").split("\n").map(readEntry);
    expect(entries.map((entry) => entry && [entry.name, entry["lost"]])).to.deep.equal([["first", undefined], undefined, ["fourth", 2], ["fifth", undefined], undefined]);
  });

  it("is for the user alone", () => {
    new AuditFile(file, "test");
    expect(statSync(file).mode & 0o777).to.equal(0o600);
  });
});
