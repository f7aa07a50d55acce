import { createHash } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { syncFile } from "./sync.ts";

/** The files of a template, in its folder. */
export const FILES = { ram: "ram", state: "state", manifest: "template.json", checked: "checked" } as const;

/** The number of this boot of the host. */
export const BOOT_ID = "/proc/sys/kernel/random/boot_id";

const FORMAT = 1;
const COUNT = z.int().min(0);
const SHA256 = z.string().regex(/^[0-9a-f]{64}$/);
const FILE = { bytes: COUNT, inode: z.string(), modifiedNs: z.string(), sha256: SHA256 };
const MANIFEST = z.strictObject({
  format: z.literal(FORMAT),
  key: z.string(),
  /** Of the image, for people and for pruning. */
  image: z.string(),
  /** QEMU's version, major and minor. */
  qemu: z.tuple([COUNT, COUNT]),
  ram: z.strictObject({ ...FILE, extents: z.array(z.tuple([COUNT, COUNT])) }),
  state: z.strictObject(FILE),
});

/** What is known of a template, so that later damage is seen. */
export type Manifest = z.output<typeof MANIFEST>;

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
  return MANIFEST.parse(JSON.parse(text));
}
