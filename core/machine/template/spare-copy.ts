import { randomBytes } from "node:crypto";
import { readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Template } from "./find.ts";
import { BOOT_ID } from "./manifest.ts";
import { copySparse, type Rest } from "./read-sparse.ts";
import { templateFolder, type TemplateStore } from "./store.ts";

const PREFIX = "spare";

/** A path in the store for a copy of this process, which may go when the process is gone. */
export function freshCopy({ copies }: TemplateStore): string {
  return join(copies, `${process.pid}-${randomBytes(8).toString("hex")}`);
}

/**
 * Takes the copy of a template's memory that lies ready, so that nobody else has it: the path of it, or undefined when there is none. One
 * that was touched, or lay there before the host's boot, is removed.
 */
export async function takeSpare(template: Template, store: TemplateStore): Promise<string | undefined> {
  const folder = templateFolder(store, template.key);
  for (const name of await sparesIn(folder, template)) {
    const copy = freshCopy(store);
    try {
      await rename(join(folder, name), copy);
    } catch {
      continue; // another start was first
    }
    if (name === (await nameOf(copy, template).catch(() => undefined))) return copy;
    await rm(copy, { force: true });
  }
  return undefined;
}

/**
 * Makes a copy for the next start unless there is one, slowly when it is to `rest`. Throws when it is aborted or the disk is full; nothing
 * is left of it then.
 */
export async function makeSpare(template: Template, store: TemplateStore, signal: AbortSignal, rest?: Rest): Promise<void> {
  const folder = templateFolder(store, template.key);
  if ((await sparesIn(folder, template)).length > 0) return;
  const copy = freshCopy(store);
  const { ram } = template.manifest;
  try {
    const sum = await copySparse(template.ram, copy, { ...ram, ...(rest && { rest }) }, signal);
    if (sum === ram.sha256) await rename(copy, join(folder, await nameOf(copy, template)));
  } finally {
    await rm(copy, { force: true });
  }
}

/** Whether a file of this name in a template's folder is a copy that lies ready. */
export function isSpare(name: string): boolean {
  return name.startsWith(`${PREFIX}-`);
}

/** What is of other content is none of ours: a session that was saved has the key of its template. */
async function sparesIn(folder: string, { manifest }: Template): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.startsWith(`${PREFIX}-${manifest.ram.sha256}-`));
}

/** What is known of a copy, for its name: of which content it is, and by what a change of it shows. */
async function nameOf(copy: string, { manifest: { ram } }: Template): Promise<string> {
  const [{ size, ino, mtimeNs }, boot] = await Promise.all([stat(copy, { bigint: true }), readFile(BOOT_ID, "utf8")]);
  if (size !== BigInt(ram.bytes)) throw new Error("it has another size");
  return [PREFIX, ram.sha256, ino, mtimeNs, boot.trim()].join("-");
}
