// What `npm run mutation` runs: takes out one protection after the other, in a copy, and looks whether a test turns red.
// Words after `--` choose: only mutations whose file contains one of them. Takes a quarter of an hour or more.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CORE } from "./core.ts";
import { CREDENTIALS } from "./credentials.ts";
import { EGRESS } from "./egress.ts";
import { TERMINAL } from "./terminal.ts";
import type { Mutation } from "./mutation.ts";

const root = dirname(dirname(import.meta.dirname));
const LEFT_OUT: ReadonlySet<string> = new Set([".git", "dist", "node_modules"]);
const DEADLINE_MS = 5 * 60_000;

/** A copy of all that the tests need, in which sources may be spoiled. */
function copyOfSources(): string {
  const copy = mkdtempSync(join(tmpdir(), "cloche-mutation-"));
  for (const name of readdirSync(root).filter((entry) => !LEFT_OUT.has(entry))) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** Whether the tests pass in the copy as it stands. A run that does not end is no pass. */
function passes(copy: string, tests: string): boolean {
  const mocha = join("node_modules", "mocha", "bin", "mocha.js");
  const { status } = spawnSync(process.execPath, [mocha, "--bail", "--exit", "--timeout", "60000", tests], { cwd: copy, stdio: "ignore", timeout: DEADLINE_MS });
  return status === 0;
}

/** What the mutation showed: "red" as it must be, or what is wrong. */
function tryOut(copy: string, { file, find, put, tests }: Mutation): "red" | "GREEN" | "STALE" {
  const path = join(copy, file);
  const source = readFileSync(path, "utf8");
  if (!source.includes(find)) return "STALE";
  writeFileSync(path, source.replace(find, () => put));
  try {
    return passes(copy, tests) ? "GREEN" : "red";
  } finally {
    writeFileSync(path, source);
  }
}

const wanted = process.argv.slice(2);
const chosen = [...CORE, ...CREDENTIALS, ...EGRESS, ...TERMINAL].filter(({ file }) => wanted.length === 0 || wanted.some((word) => file.includes(word)));
const copy = copyOfSources();
let red = 0;
try {
  for (const tests of new Set(chosen.map((mutation) => mutation.tests))) {
    if (!passes(copy, tests)) throw new Error(`${tests} fails without any mutation, so it can show nothing`);
  }
  for (const mutation of chosen) {
    const outcome = tryOut(copy, mutation);
    if (outcome === "red") red += 1;
    process.stdout.write(`${outcome}  ${mutation.file}: ${mutation.find.split("\n")[0]}\n`);
  }
} finally {
  rmSync(copy, { recursive: true });
}
process.stdout.write(`${red} passed, ${chosen.length - red} failed\n`);
process.exitCode = red === chosen.length ? 0 : 1;
