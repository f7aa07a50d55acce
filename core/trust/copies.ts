import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf } from "../support/errors.ts";
import type { Code } from "./code.ts";
import { fail } from "./failures.ts";
import { copiesFolder, trustFolder } from "./places.ts";

/** Below it lie the files of a copy, by their paths in the project. */
const FILES = "files";

/** Puts the code where only the user can write, unless it is there whole, and answers the file to load there. */
export async function keepCopy(state: string, code: Code): Promise<string> {
  trustFolder(state);
  const folder = join(copiesFolder(state), code.hash);
  if (!(await isWhole(folder, code))) await write(folder, code);
  return join(folder, FILES, code.entry);
}

/** Where a file of the project lies in the copy of this hash, if it is there. */
export function copiedFile(state: string, hash: string, path: string): string {
  return join(copiesFolder(state), hash, FILES, path);
}

/** Removes the copies that are not named. */
export async function dropCopies(state: string, hashes: readonly string[]): Promise<void> {
  for (const hash of hashes) await rm(join(copiesFolder(state), hash), { recursive: true, force: true });
}

async function isWhole(folder: string, { files }: Code): Promise<boolean> {
  const texts = await Promise.all(files.map(({ path }) => readFile(join(folder, FILES, path), "utf8").catch(() => undefined)));
  return files.every(({ text }, index) => texts[index] === text);
}

async function write(folder: string, { files }: Code): Promise<void> {
  const draft = `${folder}.${randomUUID()}`;
  try {
    for (const { path, text } of files) {
      const file = join(draft, FILES, path);
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await writeFile(file, text, { mode: 0o600 });
    }
    // so that .js is a module whatever the project's own package.json says, which is not copied
    await writeFile(join(draft, "package.json"), '{ "type": "module" }\n', { mode: 0o600 });
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder);
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    throw fail("TRUST_NOT_KEPT", { file: folder, reason: messageOf(cause) }, { cause });
  }
}
