import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

const FORMAT = 1;
const MANIFEST = "manifest.json";

interface FileFacts {
  readonly bytes: number;
  readonly inode: string;
  readonly modifiedNs: string;
  readonly sha256: string;
}

/** What is written beside the files of an artefact, so that later damage is seen. */
export interface Manifest {
  readonly format: number;
  /** What its maker wants to remember. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly files: Readonly<Record<string, FileFacts>>;
}

/** How an artefact was found. */
export type Finding =
  | { readonly state: "sound"; readonly manifest: Manifest }
  | { readonly state: "absent" }
  | { readonly state: "damaged"; readonly reason: string };

/** Hashes the files, brings them to the disk and writes the manifest; the folder is then ready to be published. */
export async function sealArtefact(folder: string, names: readonly string[], facts: Manifest["facts"]): Promise<Manifest> {
  const files: Record<string, FileFacts> = {};
  for (const name of names) {
    files[name] = { ...(await factsOf(join(folder, name))), sha256: await sha256Of(join(folder, name)) };
    await syncToDisk(join(folder, name));
  }
  const manifest: Manifest = { format: FORMAT, facts, files };
  await writeManifest(folder, manifest);
  return manifest;
}

/** Puts a sealed folder in its place in one step; what was there before goes to `discard` first and is removed. */
export async function publishArtefact(draft: string, target: string, discard: string): Promise<void> {
  await rename(target, discard).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  await rename(draft, target);
  await syncToDisk(join(target, ".."));
  await rm(discard, { recursive: true, force: true });
}

/**
 * Compares an artefact with its manifest. Size, inode and time of every file are looked at always; the content when asked for, and
 * when inode or time differ while the size does not, as after a restored backup.
 */
export async function checkArtefact(folder: string, options: { readonly full?: boolean } = {}): Promise<Finding> {
  let manifest: Manifest;
  try {
    manifest = readManifest(await readFile(join(folder, MANIFEST), "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") return { state: "damaged", reason: "its manifest cannot be read" };
    return (await exists(folder)) ? { state: "damaged", reason: "its manifest is missing" } : { state: "absent" };
  }
  let moved = false;
  for (const [name, expected] of Object.entries(manifest.files)) {
    const found = await factsOf(join(folder, name)).catch(() => undefined);
    if (!found) return { state: "damaged", reason: `${name} is missing` };
    if (found.bytes !== expected.bytes) return { state: "damaged", reason: `${name} has ${found.bytes} bytes instead of ${expected.bytes}` };
    const same = found.inode === expected.inode && found.modifiedNs === expected.modifiedNs;
    moved ||= !same;
    if ((options.full || !same) && (await sha256Of(join(folder, name))) !== expected.sha256) {
      return { state: "damaged", reason: `the content of ${name} has changed` };
    }
  }
  if (!moved) return { state: "sound", manifest };
  return { state: "sound", manifest: await sealArtefact(folder, Object.keys(manifest.files), manifest.facts) };
}

async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const fresh = join(folder, `${MANIFEST}.${process.pid}`);
  await writeFile(fresh, `${JSON.stringify(manifest, undefined, 2)}\n`);
  await syncToDisk(fresh);
  await rename(fresh, join(folder, MANIFEST));
  await syncToDisk(folder);
}

function readManifest(text: string): Manifest {
  const value = JSON.parse(text) as Partial<Manifest> | null;
  if (value?.format !== FORMAT || !value.facts || !value.files) throw new Error("not a manifest of this version");
  return value as Manifest;
}

async function factsOf(path: string): Promise<Omit<FileFacts, "sha256">> {
  const { size, ino, mtimeNs } = await stat(path, { bigint: true });
  return { bytes: Number(size), inode: String(ino), modifiedNs: String(mtimeNs) };
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest("hex");
}

async function syncToDisk(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
