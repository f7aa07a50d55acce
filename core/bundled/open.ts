// What each file that stands in a part's place begins with; it is one module in a process, and so are the scripts that it opens. The bundle
// makes CommonJS of it, since to import a module of Node's means to load all that it could ever need.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Script } from "node:vm";
import type { Bundle } from "../support/bundled.ts";
import { CompiledCode } from "./compiled-code.ts";
import { kindOf } from "./kind.ts";

/** What the bundle knows of itself, in JSON; scripts/bootstrap/bundle/programs.mjs writes it into this file. */
declare const __facts: string;

const facts = JSON.parse(__facts) as { readonly build: string; readonly scripts: readonly string[]; readonly kinds: readonly string[] };
const FOLDER = join(import.meta.dirname, "../../");
const opened = new Map<string, object>();
const requireOfNode = createRequire(import.meta.filename);
const code = new CompiledCode({ kind: kindOf(process.argv.slice(2), facts.kinds), build: facts.build, env: process.env });

const bundle: Bundle = {
  ran: () => void code.modules++,
  partOf(file) {
    if (!file.startsWith(FOLDER) || !file.endsWith(".js")) return undefined;
    return parts()[file.slice(FOLDER.length, -".js".length)]?.();
  },
  keepCompiled: () => code.keep(),
};

/** The exports of a part of the bundle. */
export function part(name: string): object | undefined {
  return parts()[name]?.();
}

/** The exports of a package that lies in a script. */
export function packageOf(name: string): object {
  return script(name);
}

function parts(): Readonly<Record<string, () => object>> {
  return (script("main") as { parts: Readonly<Record<string, () => object>> }).parts;
}

/** A script is run once, when something of it is first asked for. */
function script(name: string): object {
  const known = opened.get(name);
  if (known) return known;
  const file = `${FOLDER}scripts/${name}.js`;
  const compiled = new Script(readFileSync(file, "latin1"), { filename: file, cachedData: code.of(name) });
  code.add(name, compiled);
  const run = code.run(compiled) as (require: unknown, module: { exports: object }, exports: object, folder: string, importing: (url: string) => Promise<unknown>, bundle: Bundle, dist: string) => void;
  const module = { exports: {} };
  opened.set(name, module.exports);
  run(requireIn, module, module.exports, dirname(file), (url: string) => import(url), bundle, pathToFileURL(FOLDER).href);
  opened.set(name, module.exports);
  return module.exports;
}

function requireIn(name: string): unknown {
  return facts.scripts.includes(name) ? script(name) : requireOfNode(name);
}
