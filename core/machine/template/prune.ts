import { existsSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { FILES } from "./manifest.ts";
import { isSpare } from "./spare-copy.ts";
import { discardTemplate, templateFolder, templateKeys, type TemplateStore } from "./store.ts";

const UNUSED_MS = 30 * 24 * 60 * 60 * 1000;
const MOST_BYTES = 4 * 1024 ** 3;
// What is younger may be about to be opened.
const STALE_MS = 60 * 60 * 1000;
const ORPHANED_MS = 5 * 60 * 1000;
const BLOCK_BYTES = 512;

/** What pruning removed. */
export interface PrunedTemplates {
  readonly templates: number;
  readonly bytes: number;
}

/** Which templates may stay. */
export interface PruneLimits {
  /** Never removed. */
  readonly keep: string;
  /** Time since the last use, in ms; a month when not given. */
  readonly unusedMs?: number;
  /** Room on the disk for all together; 4 GiB when not given. The ones used last stay. */
  readonly bytes?: number;
}

/** Removes templates that no start has used for long, and the oldest ones when all together are too large. */
export async function pruneTemplates(store: TemplateStore, { keep, unusedMs = UNUSED_MS, bytes = MOST_BYTES }: PruneLimits): Promise<PrunedTemplates> {
  const keys = (await templateKeys(store)).filter((key) => key !== keep);
  const found = await Promise.all(keys.map(async (key) => ({ key, ...(await useOf(store, key)) })));
  found.sort((a, b) => b.usedMs - a.usedMs);
  let total = (await useOf(store, keep)).bytes;
  let templates = 0;
  let removed = 0;
  for (const { key, usedMs, bytes: size } of found) {
    total += size;
    if (Date.now() - usedMs <= unusedMs && total <= bytes) continue;
    total -= size;
    await discardTemplate(store, key);
    templates += 1;
    removed += size;
  }
  return { templates, bytes: removed };
}

/** Removes what processes left that were killed where nothing could tidy up after them, such as by a crash of the host. */
export async function sweepTemplates(store: TemplateStore, nowMs: number = Date.now()): Promise<void> {
  await sweepCopies(store, nowMs);
  const away = (await readdir(store.ready)).filter((name) => name.startsWith("."));
  for (const name of away) await removeOlder(join(store.ready, name), STALE_MS, nowMs);
}

/** Removes the copies that nobody will open: those of processes that are gone, which a container's may only seem to be, and old ones. */
export async function sweepCopies({ copies }: TemplateStore, nowMs: number = Date.now()): Promise<void> {
  for (const name of await readdir(copies)) {
    const isOurs = existsSync(`/proc/${name.split("-", 1)[0]}`);
    await removeOlder(join(copies, name), isOurs ? STALE_MS : ORPHANED_MS, nowMs);
  }
}

async function removeOlder(path: string, mostMs: number, nowMs: number): Promise<void> {
  const facts = await stat(path).catch(() => undefined);
  if (facts && nowMs - Math.max(facts.mtimeMs, facts.ctimeMs) > mostMs) await rm(path, { recursive: true, force: true });
}

async function useOf(store: TemplateStore, key: string): Promise<{ usedMs: number; bytes: number }> {
  const folder = templateFolder(store, key);
  try {
    const [use, ram, names] = await Promise.all([stat(folder), stat(join(folder, FILES.ram)), readdir(folder)]);
    const spares = await Promise.all(names.filter(isSpare).map(async (name) => await stat(join(folder, name)).catch(() => ({ blocks: 0 }))));
    return { usedMs: use.mtimeMs, bytes: [ram, ...spares].reduce((sum, { blocks }) => sum + blocks * BLOCK_BYTES, 0) };
  } catch {
    return { usedMs: 0, bytes: 0 }; // not whole: it may go
  }
}
