import { spawn } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { contractProblems } from "../outside/contract.ts";
import { fail } from "../outside/failures.ts";
import { findModule } from "../outside/find-module.ts";
import { loadPlugin } from "../outside/load-plugin.ts";
import type { Invocation } from "./command.ts";

const TEST = /\.test\.(m?[jt]s)$/;

/** `cloche plugin test`: loads a plugin, holds it against the contract, and runs the tests that lie beside it. They run on this host. */
export default async function testPlugin({ words, directory, io, signal }: Invocation): Promise<number> {
  const [word = ""] = words;
  const file = findModule({ specifier: resolve(directory, word), where: undefined, directory });
  const plugin = await loadPlugin(file, file);
  const problems = contractProblems(plugin);
  if (problems.length > 0) throw fail("PLUGIN_CONTRACT", { file, problems });
  io.print(`${file} is the plugin "${plugin.name}" and keeps the contract.`);
  const tests = testsBeside(file);
  if (tests.length === 0) io.print("It has no tests: they would be called *.test.js or *.test.ts, beside it.");
  return tests.length === 0 ? 0 : await runTests(tests, dirname(file), signal);
}

function testsBeside(file: string): readonly string[] {
  const folder = dirname(file);
  const found = (below: string) => (isFolder(below) ? readdirSync(below).filter((name) => TEST.test(name)).map((name) => join(below, name)) : []);
  return [...found(folder), ...found(join(folder, "test"))].sort();
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Node's own runner, on the user's terminal; the tests import cloche as a plugin does. */
async function runTests(tests: readonly string[], cwd: string, signal: AbortSignal): Promise<number> {
  const lend = new URL(`../outside/lend-here${extname(fileURLToPath(import.meta.url))}`, import.meta.url).href;
  const child = spawn(process.execPath, ["--import", lend, "--test", ...tests], { cwd, stdio: ["ignore", "inherit", "inherit"], signal });
  return await new Promise<number>((done, failed) => {
    child.once("error", (error) => failed(signal.aborted ? (signal.reason as Error) : error));
    child.once("close", (status) => done(status ?? 1));
  });
}
