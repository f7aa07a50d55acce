import { createHash } from "node:crypto";
import { lstatSync, realpathSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { readText } from "../config/read.ts";
import { messageOf } from "../support/errors.ts";
import { fail } from "./failures.ts";
import { importsIn } from "./imports.ts";

/** One file of a plugin of a checkout, as it was when it was read. */
export interface CodeFile {
  /** Relative to the project. */
  readonly path: string;
  readonly text: string;
}

/** A plugin of a checkout with all that it imports. The hash is of the texts held here, so that what is copied is what was shown. */
export interface Code {
  /** What the project's `load` says. */
  readonly specifier: string;
  /** The file to load, relative to the project. */
  readonly entry: string;
  readonly files: readonly CodeFile[];
  readonly hash: string;
}

const MOST_FILES = 200;
const MOST_KIB = 512;
const MOST_TEXT = 4 * 1024 * 1024;
const ENDINGS = [".js", ".mjs", ".ts", ".mts", ".json"];
const INDEXES = ["index.ts", "index.mts", "index.js", "index.mjs"];

/** Reads a plugin of the project and whatever it imports, without running anything. Throws TRUST_CODE_REFUSED. */
export async function readCode(project: string, specifier: string): Promise<Code> {
  const entry = entryOf(project, specifier);
  const files = new Map<string, CodeFile>();
  const waiting = [entry];
  let size = 0;
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    const path = relative(project, file);
    if (files.has(path)) continue;
    const text = await textOf(project, file);
    size += text.length;
    files.set(path, { path, text });
    if (files.size > MOST_FILES) throw fail("TRUST_CODE_REFUSED", { file: entry, reason: `it imports more than ${MOST_FILES} files` });
    if (size > MOST_TEXT) throw fail("TRUST_CODE_REFUSED", { file: entry, reason: `with all it imports it is larger than ${MOST_TEXT / 1024 / 1024} MiB` });
    if (extname(file) !== ".json") waiting.push(...(await importsIn(project, file, text)));
  }
  const sorted = [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return { specifier, entry: relative(project, entry), files: sorted, hash: hashOfFiles(relative(project, entry), sorted) };
}

/** Names code by what all of its files hold. */
export function hashOfFiles(entry: string, files: readonly CodeFile[]): string {
  const hash = createHash("sha256").update(JSON.stringify([entry, files.map(({ path }) => path)]));
  for (const { text } of files) hash.update(createHash("sha256").update(text).digest());
  return hash.digest("hex");
}

function entryOf(project: string, specifier: string): string {
  const named = join(project, specifier);
  if (!/^\.\//.test(specifier) || !named.startsWith(`${project}/`)) {
    throw fail("TRUST_CODE_REFUSED", { file: specifier, reason: 'a project names its plugins by paths in itself that begin with "./"' });
  }
  const stat = lstatSync(named, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return named;
  const index = INDEXES.map((name) => join(named, name)).find((file) => lstatSync(file, { throwIfNoEntry: false }) !== undefined);
  if (index === undefined) throw fail("TRUST_CODE_REFUSED", { file: named, reason: `it is a directory without ${INDEXES.join(", ")}` });
  return index;
}

async function textOf(project: string, file: string): Promise<string> {
  const refuse = (reason: string, cause?: unknown) => fail("TRUST_CODE_REFUSED", { file, reason }, { cause });
  if (!ENDINGS.includes(extname(file))) throw refuse(`it does not end in ${ENDINGS.join(", ")}`);
  let real: string;
  try {
    real = realpathSync(file);
  } catch (cause) {
    throw refuse("it is not there", cause);
  }
  if (real !== file) throw refuse("it is a link, or lies below one");
  try {
    return await readText(file, { within: project, limitKiB: MOST_KIB });
  } catch (cause) {
    throw refuse(messageOf(cause).replace(/\.$/, ""), cause);
  }
}
