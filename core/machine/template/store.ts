import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/** The folders of the templates in the user's cache. */
export interface TemplateStore {
  readonly directory: string;
  /** Finished templates, one folder each, by their keys. */
  readonly ready: string;
  /** What is being made; one folder a key, which belongs to the holder of that key's lock. */
  readonly drafts: string;
  /** Copies of memory that sessions are about to open. */
  readonly copies: string;
  readonly locks: string;
}

/** Opens the store of templates, making it when it is not there. */
export async function openTemplates(cacheDir: string): Promise<TemplateStore> {
  const directory = join(cacheDir, "templates");
  const at = (name: string) => join(directory, name);
  const store = { directory, ready: at("ready"), drafts: at("drafts"), copies: at("copies"), locks: at("locks") };
  for (const folder of [store.ready, store.drafts, store.copies, store.locks]) await mkdir(folder, { recursive: true, mode: 0o700 });
  return store;
}

/** Where the template of a key lies, or will lie. */
export function templateFolder(store: TemplateStore, key: string): string {
  return join(store.ready, key);
}

/** Takes a template out of the store at once, then removes it. Machines that go on from it keep their files open. */
export async function discardTemplate(store: TemplateStore, key: string): Promise<void> {
  const away = join(store.ready, `.away-${randomBytes(8).toString("hex")}`);
  try {
    await rename(templateFolder(store, key), away);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  await rm(away, { recursive: true, force: true });
}

/** The keys of the templates there are. */
export async function templateKeys(store: TemplateStore): Promise<string[]> {
  const names = await readdir(store.ready);
  return names.filter((name) => !name.startsWith(".")).sort();
}
