import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, readFile, realpath, rename, rm } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { messageOf } from "../support/errors.ts";
import { fail } from "./failures.ts";
import { readUserFile } from "./user-file.ts";
import { withValue, type Raw } from "./values.ts";

/** A change of the user's own configuration. */
export interface Change {
  /** The user's configuration directory. */
  readonly directory: string;
  /** Real path of the project that it is for; undefined for all projects. */
  readonly project: string | undefined;
  readonly path: readonly string[];
  /** Already checked. */
  readonly value: unknown;
}

const MOST_TRIES = 5;

/**
 * Writes one value into the user's own configuration and answers the file. What it holds besides is kept; it is replaced as a whole,
 * so that a crash leaves the old one. A file that is code or YAML is left alone, with CONFIG_NOT_EDITABLE saying what to add.
 */
export async function writeChange({ directory, project, path, value }: Change): Promise<string> {
  const fullPath = project === undefined ? path : ["projects", project, ...path];
  for (let tries = 1; ; tries += 1) {
    const found = await readUserFile(directory);
    const file = found?.file ?? join(directory, "config.json");
    refuseUneditable(file, fullPath, value);
    const before = await textOf(file);
    const after = jsonText(withValue(found?.values ?? {}, fullPath, value), before);
    // somebody else may have changed the file since we read it, such as another cloche
    if (await replace(file, before, after)) return file;
    if (tries === MOST_TRIES) throw fail("CONFIG_NOT_WRITTEN", { file, reason: "something else keeps changing it" });
  }
}

function refuseUneditable(file: string, path: readonly string[], value: unknown): void {
  const kind = extname(file);
  if (kind === ".json") return;
  const why = kind === ".mjs" ? "it is code" : "its comments and layout would be lost";
  const addition = JSON.stringify(withValue({}, path, value), undefined, 2);
  throw fail("CONFIG_NOT_EDITABLE", { file, why, addition });
}

async function textOf(file: string): Promise<string | undefined> {
  return existsSync(file) ? await readFile(file, "utf8") : undefined;
}

/** The text with the indentation that the file had. */
function jsonText(values: Raw, before: string | undefined): string {
  const indentation = /\n([ \t]+)"/.exec(before ?? "")?.[1] ?? "  ";
  return `${JSON.stringify(values, undefined, indentation)}\n`;
}

async function replace(file: string, before: string | undefined, after: string): Promise<boolean> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    // a link, as dotfile managers make them, stays one: the file that it leads to is replaced
    const target = before === undefined ? file : await realpath(file);
    const fresh = `${target}.${randomUUID()}`;
    try {
      await writeSynced(fresh, after);
      if ((await textOf(file)) !== before) return false;
      await rename(fresh, target);
      return true;
    } finally {
      await rm(fresh, { force: true });
    }
  } catch (cause) {
    throw fail("CONFIG_NOT_WRITTEN", { file, reason: messageOf(cause) }, { cause });
  }
}

async function writeSynced(file: string, text: string): Promise<void> {
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
