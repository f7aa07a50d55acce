import type { Readable } from "node:stream";
import { runTool } from "./tool.ts";

// zstd at this level packs 15 times faster than lz4's best and smaller; see guest/README.md for the figures.
const PACKING = ["-comp", "zstd", "-Xcompression-level", "6", "-no-xattrs", "-no-progress", "-quiet"];

/** A tar archive on a stream → a squashfs file in the folder. */
export async function squashTar(tar: Readable, folder: string, name: string, signal: AbortSignal): Promise<void> {
  // not sqfstar, whose version 4.5 does not understand the compressor's level
  const args = ["-", name, "-tar", "-noappend", ...PACKING];
  await runTool({ step: "packing the root file system", command: "mksquashfs", args, cwd: folder, stdin: tar, signal });
}

/** A tree in the folder → a squashfs file beside it, all of it owned by root and readable by everybody, whatever our umask was. */
export async function squashTree(tree: string, folder: string, name: string, signal: AbortSignal): Promise<void> {
  const step = "packing a layer";
  await runTool({ step, command: "chmod", args: ["-R", "u+rwX,go=u-w", tree], cwd: folder, signal });
  await runTool({ step, command: "mksquashfs", args: [tree, name, "-noappend", "-all-root", ...PACKING], cwd: folder, signal });
}
