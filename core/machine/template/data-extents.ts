import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { promisify } from "node:util";
import { logger } from "../../support/log.ts";
import { messageOf } from "../../support/errors.ts";
import { systemTool } from "../tools.ts";
import type { Extent } from "./sparse.ts";

const log = logger("template");
const DEADLINE_MS = 60_000;
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;
const BLOCK_BYTES = 64 * 1024;
// SEEK_DATA and SEEK_HOLE, which Node does not offer; after the last data comes ENXIO.
const SCRIPT = `open my $file, "<", $ARGV[0] or die "$!\\n";
my $at = 0;
while (defined(my $data = sysseek $file, $at, 3)) {
  defined($at = sysseek $file, $data, 4) or die "$!\\n";
  print $data + 0, " ", $at + 0, "\\n";
}
die "$!\\n" unless $! == 6;`;

/**
 * Which stretches of a file may hold anything but zeros, in whole blocks of 64 KiB: reading eight GiB of nothing takes 20 s. All of it
 * when the host does not say.
 */
export async function dataExtents(path: string, signal: AbortSignal, perl?: string): Promise<readonly Extent[]> {
  const { size } = await stat(path);
  try {
    const options = { signal, timeout: DEADLINE_MS, maxBuffer: MOST_OUTPUT_BYTES, env: {}, cwd: "/" };
    const { stdout } = await promisify(execFile)(perl ?? systemTool("perl"), ["-e", SCRIPT, path], options);
    return inBlocks(stdout.split("\n").filter(Boolean).map((line) => line.split(" ").map(Number) as [number, number]), size);
  } catch (error) {
    signal.throwIfAborted();
    log("all of the memory is read: %s", messageOf(error));
    return size === 0 ? [] : [[0, size]];
  }
}

function inBlocks(spans: readonly (readonly [from: number, to: number])[], size: number): readonly Extent[] {
  const found: [number, number][] = [];
  for (const [from, to] of spans) {
    const start = from - (from % BLOCK_BYTES);
    const end = Math.min(size, Math.ceil(to / BLOCK_BYTES) * BLOCK_BYTES);
    const last = found.at(-1);
    if (last && start <= last[0] + last[1]) last[1] = end - last[0];
    else found.push([start, end - start]);
  }
  return found;
}
