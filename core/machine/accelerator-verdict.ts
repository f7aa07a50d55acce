import { readFileSync, statSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Image } from "../image/image.ts";
import { architecture } from "./architecture.ts";

const FILE = "accelerator.json";
const KEPT = z.strictObject({ key: z.string(), works: z.boolean(), reason: z.string() });

/** Whether hardware acceleration works, and why, as a clause. */
export type Verdict = Omit<z.output<typeof KEPT>, "key">;

/** The verdict about this QEMU and this kernel since the host booted, from the cache or by finding out. */
export async function cachedVerdict(
  cacheDir: string,
  [systemRoot, image]: readonly [systemRoot: string, image: Image],
  findOut: () => Promise<Verdict>,
): Promise<Verdict> {
  const path = join(cacheDir, FILE);
  const key = verdictKey(systemRoot, image);
  const kept = await read(path);
  if (kept?.key === key) return { works: kept.works, reason: kept.reason };
  const verdict = await findOut();
  await mkdir(cacheDir, { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, JSON.stringify({ key, ...verdict }), { mode: 0o600 });
  await rename(draft, path);
  return verdict;
}

/** All that a verdict depends on: the host's boot, who asks, QEMU's program and the guest's kernel. */
function verdictKey(systemRoot: string, image: Image): string {
  const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const files = [join(systemRoot, architecture().program), image.kernel, image.initrd].map((path) => {
    const facts = statSync(path, { throwIfNoEntry: false });
    return facts ? `${path} ${facts.ino} ${facts.size} ${facts.mtimeMs}` : `${path} missing`;
  });
  return [bootId, process.getuid?.(), ...files].join("\n");
}

async function read(path: string): Promise<z.output<typeof KEPT> | undefined> {
  try {
    return KEPT.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined; // none yet, or damaged: it is found out again
  }
}
