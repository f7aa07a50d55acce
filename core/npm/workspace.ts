import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

const PREFIX = "fetch-";
const STALE_MS = 24 * 60 * 60 * 1000;

/** Lends `work` an empty directory in the store, gone when it ends; sweeps those that a killed run left. */
export async function withWorkspace<T>(store: string, work: (directory: string) => Promise<T>): Promise<T> {
  await mkdir(store, { recursive: true, mode: 0o700 });
  await sweep(store);
  const directory = await mkdtemp(join(store, PREFIX));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function sweep(store: string): Promise<void> {
  for (const name of await readdir(store)) {
    if (!name.startsWith(PREFIX)) continue;
    const directory = join(store, name);
    const made = await stat(directory).catch(() => undefined);
    if (made && Date.now() - made.mtimeMs > STALE_MS) await rm(directory, { recursive: true, force: true });
  }
}
