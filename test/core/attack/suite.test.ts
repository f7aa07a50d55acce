import { expect } from "chai";
import type { Arena } from "../../../core/attack/arena.ts";
import { Broken, control, holds, type AttackCase } from "../../../core/attack/case.ts";
import { CASES, tryAll, type Outcome } from "../../../core/attack/suite.ts";
import { readSource } from "../../support/sources.ts";

const never = new AbortController().signal;
const attack = (id: string, run: AttackCase["run"]): AttackCase => ({ id, promise: "promise", title: "title", run });

describe("The attack suite", () => {
  it("names for each case a promise of SECURITY.md", () => {
    const rows = readSource("SECURITY.md").split("\n").filter((line) => line.startsWith("| "));
    const unknown = CASES.filter(({ promise }) => !rows.some((row) => row.startsWith(`| ${promise}`)));
    expect(unknown.map(({ id }) => id)).to.deep.equal([]);
    expect(new Set(CASES.map(({ id }) => id)).size).to.equal(CASES.length);
  });

  it("tells apart what is proven, what is broken and what showed nothing, and goes on after each", async () => {
    const told: Outcome[] = [];
    const cases = [
      attack("a", async () => "as promised"),
      attack("b", async () => { holds(false, "a hole\u001b[2J"); return ""; }),
      attack("c", async () => { control(false, "the network is dead"); return ""; }),
      attack("d", () => Promise.reject(new Error("the guest is gone"))),
    ];
    const outcomes = await tryAll({} as Arena, cases, (outcome) => told.push(outcome), never);
    expect(outcomes.map(({ outcome }) => outcome)).to.deep.equal(["proven", "broken", "unproven", "unproven"]);
    expect(outcomes[1]?.detail).to.equal("a hole\\u{1b}[2J");
    expect(told).to.deep.equal(outcomes);
    expect(() => holds(false, "")).to.throw(Broken);
  });

  it("proves nothing of a guest that does nothing at all", async () => {
    const guest = { run: async () => ({ stdout: "\nstatus 0\n", stderr: "" }) };
    const witness = { port: 9, reached: () => 0 };
    const arena = { guest, project: "/nonexistent", canary: { path: "/nonexistent", text: "x" }, allowed: witness, denied: witness, datagrams: witness, key: "k".repeat(40), qemu: process.pid, image: [], runDir: "/r" } as unknown as Arena;
    const outcomes = await tryAll(arena, CASES, () => {}, never);
    expect(outcomes.filter(({ outcome }) => outcome === "proven").map(({ id }) => id)).to.deep.equal([]);
  });
});
