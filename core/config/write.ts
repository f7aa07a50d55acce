import { lstatSync, realpathSync } from "node:fs";
import { mkdir, open, readFile, rename, rm, type FileHandle } from "node:fs/promises";
import { extname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ClocheError, messageOf } from "../support/errors.ts";
import { fail } from "./failures.ts";
import { userFile } from "./places.ts";
import { readUserFile } from "./user-file.ts";
import { withValue, type Raw } from "./values.ts";

/** A change of the user's own configuration. */
export interface Change {
  /** The user's configuration directory. */
  readonly directory: string;
  /** Real path of the project that it is for; undefined for all projects. */
  readonly project: string | undefined;
  readonly path: readonly string[];
  /** Already checked; undefined takes the path out. */
  readonly value: unknown;
}

/**
 * Writes one value into the user's own configuration and answers the file. What it holds besides is kept; it is replaced as a whole,
 * so that a crash leaves the old one. A file that is code is left alone, with CONFIG_NOT_EDITABLE saying what to add.
 */
export async function writeChange({ directory, project, path, value }: Change): Promise<string> {
  const file = userFile(directory) ?? join(directory, "config.json");
  const fullPath = project === undefined ? path : ["projects", project, ...path];
  refuseUneditable(file, fullPath, value);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await replace(realPath(file), async () => {
      const values = (await readUserFile(directory))?.values ?? {};
      const before = await readFile(file, "utf8").catch(() => "");
      return extname(file) === ".yaml" ? await yamlText(before, fullPath, value) : jsonText(withValue(values, fullPath, value), before);
    });
  } catch (cause) {
    if (cause instanceof ClocheError) throw cause;
    throw fail("CONFIG_NOT_WRITTEN", { file, reason: messageOf(cause) }, { cause });
  }
  return file;
}

function refuseUneditable(file: string, path: readonly string[], value: unknown): void {
  if (extname(file) !== ".mjs") return;
  const addition = JSON.stringify(withValue({}, path, value ?? null), undefined, 2);
  throw fail("CONFIG_NOT_EDITABLE", { file, why: "it is code", addition });
}

/** Where a link leads, as dotfile managers make them; the link stays. */
function realPath(file: string): string {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ? realpathSync(file) : file;
}

/** The text with the indentation that the file had. */
function jsonText(values: Raw, before: string): string {
  const indentation = /\n([ \t]+)"/.exec(before)?.[1] ?? "  ";
  return `${JSON.stringify(values, undefined, indentation)}\n`;
}

/** The text with one value changed and its comments kept. */
async function yamlText(before: string, path: readonly string[], value: unknown): Promise<string> {
  const { parseDocument } = await import("yaml");
  const document = parseDocument(before);
  if (value === undefined) document.deleteIn(path);
  else document.setIn(path, value);
  return document.toString({ lineWidth: 0 });
}

/** Puts a new file in the place of another. Its draft is also the lock: who could make it reads, writes and renames it alone. */
async function replace(file: string, text: () => Promise<string>): Promise<void> {
  const draft = `${file}.new`;
  const handle = await ownDraft(file, draft);
  try {
    await handle.writeFile(await text());
    await handle.sync();
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

const RETRY_MS = 20;
const MOST_TRIES = 500;
/** A draft of this age was left by a crash; making one takes milliseconds. */
const STALE_MS = 5_000;

async function ownDraft(file: string, draft: string): Promise<FileHandle> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    try {
      return await open(draft, "wx", 0o600);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    }
    const stat = lstatSync(draft, { throwIfNoEntry: false });
    if (stat && Date.now() - stat.mtimeMs > STALE_MS) await rm(draft, { force: true });
    else await sleep(RETRY_MS);
  }
  throw fail("CONFIG_NOT_WRITTEN", { file, reason: `somebody else holds ${draft}` });
}
