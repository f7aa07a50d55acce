import { existsSync } from "node:fs";
import { readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hashSparse } from "./read-sparse.ts";
import { BOOT_ID, FILES, fileFacts, readManifest, sha256Of, type Manifest } from "./manifest.ts";
import { openTemplates, templateFolder, templateKeys, type TemplateStore } from "./store.ts";

/** A template that may be used. */
export interface Template {
  readonly key: string;
  readonly manifest: Manifest;
  /** Path of the file of its memory. */
  readonly ram: string;
  /** The state of its devices. */
  readonly state: Buffer;
}

/** How a template was found. */
export type TemplateFinding =
  | { readonly state: "sound"; readonly template: Template }
  | { readonly state: "absent" }
  | { readonly state: "damaged"; readonly reason: string };

/**
 * Finds the template of a key and looks whether it is whole: sizes, inodes and times always, the state's content too; the content of
 * the memory when `full`, and once after each boot of the host, since the boot may have followed a crash.
 */
export async function findTemplate(
  store: TemplateStore,
  key: string,
  { full = false, signal, bootIdFile = BOOT_ID }: { readonly full?: boolean; readonly signal: AbortSignal; readonly bootIdFile?: string },
): Promise<TemplateFinding> {
  return await findFrozen(templateFolder(store, key), key, { full, signal, bootIdFile });
}

/** The same for a frozen machine that lies in any folder. */
export async function findFrozen(
  folder: string,
  key: string,
  { full = false, signal, bootIdFile = BOOT_ID }: { readonly full?: boolean; readonly signal: AbortSignal; readonly bootIdFile?: string },
): Promise<TemplateFinding> {
  if (!existsSync(folder)) return { state: "absent" };
  try {
    return { state: "sound", template: await check(folder, key, { full, signal, bootIdFile }) };
  } catch (error) {
    signal.throwIfAborted();
    return { state: "damaged", reason: error instanceof Damage ? error.message : "its description cannot be read" };
  }
}

class Damage extends Error {}

async function check(folder: string, key: string, options: { full: boolean; signal: AbortSignal; bootIdFile: string }): Promise<Template> {
  const manifest = await readManifest(folder);
  if (!manifest) throw new Damage("its description is missing");
  if (manifest.key !== key) throw new Damage("it is that of another machine");
  const ram = join(folder, FILES.ram);
  // first, so that a file that is missing is always called missing
  const [ramFacts, stateFacts] = await Promise.all([facts(ram), facts(join(folder, FILES.state))]);
  const [state, boot, checked] = await Promise.all([
    readFile(join(folder, FILES.state)),
    readFile(options.bootIdFile, "utf8"),
    readFile(join(folder, FILES.checked), "utf8").catch(() => undefined),
  ]);
  for (const [name, found, expected] of [["memory", ramFacts, manifest.ram], ["state", stateFacts, manifest.state]] as const) {
    if (found.bytes !== expected.bytes) throw new Damage(`its ${name} has ${found.bytes} bytes instead of ${expected.bytes}`);
    if (found.inode !== expected.inode || found.modifiedNs !== expected.modifiedNs) throw new Damage(`its ${name} was touched`);
  }
  if (sha256Of(state) !== manifest.state.sha256) throw new Damage("the content of its state has changed");
  if (options.full || checked !== boot) {
    const sum = await hashSparse(ram, manifest.ram.extents, options.signal);
    if (sum !== manifest.ram.sha256) throw new Damage("the content of its memory has changed");
    await writeFile(join(folder, FILES.checked), boot);
  }
  return { key, manifest, ram, state };
}

async function facts(path: string): ReturnType<typeof fileFacts> {
  return await fileFacts(path).catch(() => {
    throw new Damage("a file of it is missing");
  });
}

/** What reading a template to its last byte showed. */
export interface TemplateReport {
  readonly id: string;
  /** Undefined when it is whole. */
  readonly damage: string | undefined;
}

/** Reads every template of a cache in full; for `doctor`. */
export async function inspectTemplates(cacheDir: string, signal: AbortSignal): Promise<TemplateReport[]> {
  const store = await openTemplates(cacheDir);
  const reports: TemplateReport[] = [];
  for (const key of await templateKeys(store)) {
    const found = await findTemplate(store, key, { full: true, signal });
    if (found.state !== "absent") reports.push({ id: key, damage: found.state === "damaged" ? found.reason : undefined });
  }
  return reports;
}

/** Notes that a template is used now, for pruning. */
export async function markTemplateUsed(store: TemplateStore, key: string): Promise<void> {
  const now = new Date();
  await utimes(templateFolder(store, key), now, now);
}
