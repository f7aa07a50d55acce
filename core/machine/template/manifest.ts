import { createHash } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { syncFile } from "./sync.ts";

/** The files of a template, in its folder. */
export const FILES = { ram: "ram", state: "state", manifest: "template.json", checked: "checked" } as const;

/** The number of this boot of the host. */
export const BOOT_ID = "/proc/sys/kernel/random/boot_id";

const FORMAT = 2;
const SHA256 = /^[0-9a-f]{64}$/;

/** A file of a template, as it was when that was made. */
export interface FileFacts {
  readonly bytes: number;
  readonly inode: string;
  readonly modifiedNs: string;
  readonly sha256: string;
}

/** What is known of a template, so that later damage is seen. */
export interface Manifest {
  readonly format: typeof FORMAT;
  readonly key: string;
  /** Of the image, for people and for pruning. */
  readonly image: string;
  /** QEMU's version, major and minor. */
  readonly qemu: readonly [number, number];
  /** `extents` are the stretches that hold data, each with its offset and its bytes; `sha256` is as in template/sparse.ts. */
  readonly ram: FileFacts & { readonly extents: readonly (readonly [number, number])[] };
  readonly state: FileFacts;
}

/** The facts by which a change of a file shows without reading it. */
export async function fileFacts(path: string): Promise<{ bytes: number; inode: string; modifiedNs: string }> {
  const { size, ino, mtimeNs } = await stat(path, { bigint: true });
  return { bytes: Number(size), inode: String(ino), modifiedNs: String(mtimeNs) };
}

/** SHA-256 of bytes in memory. */
export function sha256Of(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Writes the manifest as the last file of a template that is being made. */
export async function writeManifest(folder: string, manifest: Omit<Manifest, "format">): Promise<void> {
  const path = join(folder, FILES.manifest);
  await writeFile(path, JSON.stringify({ format: FORMAT, ...manifest }));
  await syncFile(path);
}

/** Reads a manifest; undefined when there is none. Throws when it is not one of this version. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, FILES.manifest), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const value: unknown = JSON.parse(text);
  if (!isManifest(value)) throw new Error("it is no description of a template of this version");
  return value;
}

// By hand: it is read before QEMU starts, and to load zod takes longer than all the rest until then.
function isManifest(value: unknown): value is Manifest {
  if (!hasOnly(value, ["format", "key", "image", "qemu", "ram", "state"])) return false;
  const { format, key, image, qemu, ram, state } = value;
  if (format !== FORMAT || typeof key !== "string" || typeof image !== "string" || !isPair(qemu)) return false;
  return isFile(ram, ["extents"]) && Array.isArray(ram["extents"]) && ram["extents"].every(isPair) && isFile(state, []);
}

function isFile(value: unknown, more: readonly string[]): value is Record<string, unknown> {
  if (!hasOnly(value, ["bytes", "inode", "modifiedNs", "sha256", ...more])) return false;
  const { bytes, inode, modifiedNs, sha256 } = value;
  return isCount(bytes) && typeof inode === "string" && typeof modifiedNs === "string" && typeof sha256 === "string" && SHA256.test(sha256);
}

function hasOnly(value: unknown, names: readonly string[]): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.keys(value).sort().join() === [...names].sort().join();
}

function isPair(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every(isCount);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
