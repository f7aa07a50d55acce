import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** The folder of the clone. */
export const ROOT = resolve(import.meta.dirname, "../..");

// what .gitignore names: made or fetched, not written
const NOT_OURS = new Set([".git", "node_modules", "dist", "dist.next", "dist.old", ".node", "bench/results"]);

/** Every file of ours below a folder, as paths from the root. */
export function filesBelow(folder = ""): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (NOT_OURS.has(path)) return [];
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });
}

export function readSource(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** The text without its comments and the insides of its strings, so that words in them are not taken for code. */
export function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|(?<=^|[\s;,{(])\/\/.*$|"(?:[^"\\\n]|\\.)*"/gm, (found) => (found.startsWith('"') ? '""' : ""));
}

/** What a file imports: paths from the root for files of ours, names for the rest. */
export function importsOf(path: string): readonly string[] {
  return found(path, /^(?:import|export)\b(?:[^"();=]*\bfrom)?\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/gm);
}

/** Of these, what is loaded before the file itself runs: no types, and nothing that it imports when it comes to that. */
export function staticImportsOf(path: string): readonly string[] {
  return found(path, /^(?:import|export)\b(?!\s+type\b)(?:[^"();=]*\bfrom)?\s*"([^"]+)"/gm);
}

function found(path: string, imports: RegExp): readonly string[] {
  const names = [...readSource(path).matchAll(imports)].map((match) => match[1] ?? match[2] ?? "");
  return names.map((name) => (name.startsWith(".") ? relative(ROOT, resolve(ROOT, dirname(path), name)) : name));
}
