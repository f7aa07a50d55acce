import { randomBytes } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JailBind } from "../containment.ts";
import type { Shape } from "../template/shape.ts";

/** All that a machine is made from: plain data, by which another can be begun like it. */
export interface MachineFacts {
  readonly shape: Shape;
  /** Ranges (CIDR) that are local to its network. */
  readonly localRanges: readonly string[];
  /** The image's files and the shares in its jail. */
  readonly binds: readonly JailBind[];
}

// So many projects, or ways to start in one, each with a file of a few KiB.
const MOST = 64;
const MOST_BYTES = 256 * 1024;

/** The facts as the text by which two machines are compared. */
export function textOf({ shape, localRanges, binds }: MachineFacts): string {
  return JSON.stringify({ shape, localRanges, binds });
}

/**
 * What the last start of this key was made from, or undefined when nobody knows. Whoever uses it compares it with what is wanted. It does
 * not wait: the file is small, and what would be loaded meanwhile takes longer.
 */
export function lastStart(cacheDir: string, key: string): MachineFacts | undefined {
  try {
    const file = fileOf(cacheDir, key);
    if (statSync(file).size > MOST_BYTES) return undefined;
    const facts = JSON.parse(readFileSync(file, "utf8")) as MachineFacts;
    return typeof facts.shape === "object" && Array.isArray(facts.localRanges) && Array.isArray(facts.binds) ? facts : undefined;
  } catch {
    return undefined; // none yet, or what a crash left of it
  }
}

/** Keeps what a start was made from, for the next one of this key; the files used least recently go. Throws what the file system throws. */
export async function keepStart(cacheDir: string, key: string, facts: MachineFacts): Promise<void> {
  const file = fileOf(cacheDir, key);
  const text = textOf(facts);
  if ((await readFile(file, "utf8").catch(() => undefined)) === text) {
    const now = new Date();
    return await utimes(file, now, now);
  }
  const folder = folderOf(cacheDir);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fresh = join(folder, `.${randomBytes(8).toString("hex")}`);
  try {
    await writeFile(fresh, text, { mode: 0o600, flag: "wx" });
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
  await forgetOldest(folder);
}

async function forgetOldest(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= MOST) return;
  const aged = await Promise.all(names.map(async (name) => ({ name, used: await usedMs(join(folder, name)) })));
  const old = aged.sort((a, b) => b.used - a.used).slice(MOST);
  await Promise.all(old.map(({ name }) => rm(join(folder, name), { force: true })));
}

/** When a file was used last; one that is gone by now counts as old. */
async function usedMs(path: string): Promise<number> {
  return await stat(path).then(({ mtimeMs }) => mtimeMs, () => 0);
}

function folderOf(cacheDir: string): string {
  return join(cacheDir, "starts");
}

function fileOf(cacheDir: string, key: string): string {
  return join(folderOf(cacheDir), `${checksumOf(key)}.json`);
}

/**
 * FNV-1a of 32 bits, as hexadecimal digits: what two keys share is a wrong guess, which is noticed. To load node:crypto takes as long as all
 * else until QEMU is begun.
 */
function checksumOf(text: string): string {
  let sum = 0x811c9dc5;
  for (const byte of Buffer.from(text)) sum = Math.imul(sum ^ byte, 0x01000193);
  return (sum >>> 0).toString(16).padStart(8, "0");
}
