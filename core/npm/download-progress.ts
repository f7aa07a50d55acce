import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { titleOf, type NpmPackage } from "./package.ts";

/** Hears how far a piece of work is, from 0 to 1, and what it is doing. */
export type Update = (fraction: number | undefined, detail?: string) => void;

const EVERY_MS = 400;
const MIB = 1 << 20;

/**
 * npm says nothing of its progress when it is not at a terminal, but its cache has the growing file in `_cacache/tmp`; if a later npm
 * keeps it elsewhere, the only loss is the figure. Answers a function that ends the watching.
 */
export function watchDownload(directory: string, release: NpmPackage, update: Update): () => void {
  const title = titleOf(release);
  update(release.bytes === undefined ? undefined : 0, `fetching ${title}`);
  const timer = setInterval(() => {
    void sizeOf(join(directory, "cache", "_cacache", "tmp")).then((bytes) => {
      if (bytes === 0) return;
      const so = `${Math.round(bytes / MIB)}`;
      if (release.bytes === undefined) update(undefined, `fetching ${title}: ${so} MiB`);
      else update(Math.min(bytes / release.bytes, 1), `fetching ${title}: ${so} of ${Math.round(release.bytes / MIB)} MiB`);
    });
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

async function sizeOf(directory: string): Promise<number> {
  const names = await readdir(directory).catch(() => []);
  const sizes = await Promise.all(names.map((name) => stat(join(directory, name)).then((file) => file.size, () => 0)));
  return sizes.reduce((sum, size) => sum + size, 0);
}
