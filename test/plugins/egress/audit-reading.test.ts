import { appendFileSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { readEntry } from "../../../plugins/egress/audit/entry.ts";
import { auditFiles, auditFolder, newAuditFile } from "../../../plugins/egress/audit/folder.ts";
import { linesFollowed, linesOf } from "../../../plugins/egress/audit/read.ts";
import { Replay } from "../../../plugins/egress/audit/replay.ts";
import { policyData } from "./support/policy.ts";

describe("The audits of sessions that ended", () => {
  let state: string;
  beforeEach(() => { state = mkdtempSync(join(tmpdir(), "cloche-test-")); });
  afterEach(() => rmSync(state, { recursive: true }));

  it("are kept for each project, the newest thirty", () => {
    const files = Array.from({ length: 35 }, (_, day) => {
      const file = newAuditFile(state, "/p", `s${day}`, new Date(Date.UTC(2026, 0, 1, 0, day)));
      writeFileSync(file, "{}\n");
      writeFileSync(`${file}.first`, "{}\n");
      return file;
    });
    expect(auditFiles(state, "/p").map((file) => basename(file))).to.deep.equal(files.slice(-30).reverse().map((file) => basename(file)));
    expect(readdirSync(auditFolder(state, "/p"))).to.have.length(60);
    expect(auditFiles(state, "/p", "s34")).to.deep.equal(files.slice(-1));
    expect(auditFiles(state, "/other")).to.deep.equal([]);
  });

  it("and at most 64 MiB of them", () => {
    for (let day = 0; day < 12; day += 1) writeFileSync(newAuditFile(state, "/p", "s", new Date(Date.UTC(2026, 0, 1, 0, day))), Buffer.alloc(8 * 1024 * 1024));
    newAuditFile(state, "/p", "s", new Date(Date.UTC(2026, 0, 2)));
    expect(auditFiles(state, "/p")).to.have.length(8);
  });

  it("are read from the beginning, the parts in order", async () => {
    const file = newAuditFile(state, "/p", "s");
    for (const [part, text] of [["", "4\n5\n"], [".1", "3\n"], [".first", "1\n2\n"]] as const) writeFileSync(file + part, text);
    const lines: string[] = [];
    for await (const line of linesOf(file)) lines.push(line);
    expect(lines).to.deep.equal(["1", "2", "3", "4", "5"]);
  });

  it("are followed from the beginning, each line once and whole, also over the moment when the file is put aside", async () => {
    const file = newAuditFile(state, "/p", "s");
    writeFileSync(`${file}.first`, "before all\n");
    writeFileSync(file, "before\nhal");
    const stop = new AbortController();
    const lines = linesFollowed(file, stop.signal);
    const next = async () => (await lines.next()).value as string | undefined;
    expect([await next(), await next()]).to.deep.equal(["before all", "before"]);
    const third = next();
    appendFileSync(file, "f");
    const still = await Promise.race([third, delay(50)]); // nothing tells that half a line is not shown
    expect(still).to.equal(undefined);
    appendFileSync(file, "\none\n\n");
    expect([await third, await next(), await next()]).to.deep.equal(["half", "one", ""]);
    const last = next();
    expect(await Promise.race([last, delay(50)])).to.equal(undefined); // it waits by now, and finds all of this at once
    appendFileSync(file, "two\n");
    renameSync(file, `${file}.1`);
    writeFileSync(file, "three\n");
    expect([await last, await next()]).to.deep.equal(["two", "three"]);
    const end = lines.next();
    stop.abort();
    expect((await end).done).to.equal(true);
    expect(dirname(file)).to.equal(auditFolder(state, "/p"));
  });

  it("are read to their end, also where a last line has none", async () => {
    const file = newAuditFile(state, "/p", "s");
    writeFileSync(file, "1\n2");
    const lines: string[] = [];
    for await (const line of linesOf(file)) lines.push(line);
    expect(lines).to.deep.equal(["1", "2"]);
  });

  it("hold no line that is half written, or something else", () => {
    for (const line of ["", "{", "1", '{"kind":"x"}']) expect(readEntry(line)).to.equal(undefined);
  });
});

describe("What another policy would have done", () => {
  const base = { time: "", session: "s" };

  it("is only what would be different, counted", () => {
    const replay = new Replay(policyData({ allow: ["a.test", { host: "r.test", methods: ["GET"] }], deny: ["agent.test:80"], ask: false }));
    const connection = (name: string, port: number, verdict: "allowed" | "refused", why: string, more = {}) => replay.add({ ...base, kind: "connection", name, port, verdict, why, ...more });
    connection("a.test", 443, "refused", "no rule names this host");
    connection("a.test", 443, "refused", "no rule names this host");
    connection("b.test", 443, "allowed", "allowed by egress.allow");
    connection("agent.test", 443, "allowed", "allowed by claude");
    connection("agent.test", 80, "allowed", "allowed by claude");
    connection("a.test", 443, "allowed", "allowed by egress.allow", { address: "127.0.0.1", via: "egress.upstreams" });
    connection("a.test", 443, "allowed", "allowed by egress.allow", { address: "10.0.0.1" });
    replay.add({ ...base, kind: "request", name: "r.test", port: 80, method: "POST", path: "/", verdict: "allowed", why: "allowed by egress.allow" });
    replay.add({ ...base, kind: "name", name: "not a name", verdict: "refused", why: "not a host name" });
    expect(replay.decisions).to.equal(8);
    expect(replay.changes().map(({ what, times, then, now }) => [what, times, then, now])).to.deep.equal([
      ["a.test:443", 2, "refused", "allowed"], ["b.test:443", 1, "allowed", "refused"], ["agent.test:80", 1, "allowed", "refused"],
      ["a.test:443", 1, "allowed", "refused"], ["r.test:80 POST /", 1, "allowed", "refused"],
    ]);
  });
});
