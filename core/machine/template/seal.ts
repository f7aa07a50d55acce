import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BOOT_ID, FILES, fileFacts, sha256Of, writeManifest } from "./manifest.ts";
import type { Content } from "./sparse.ts";
import { syncFile } from "./sync.ts";

/** What stands beside the file of a frozen machine's memory. */
export interface FrozenParts {
  readonly key: string;
  readonly image: string;
  /** QEMU's version, major and minor. */
  readonly qemu: readonly [number, number];
  readonly state: Buffer;
  readonly content: Content;
}

/** Completes the folder of a frozen machine, whose memory is there already: its state, and last what says that it is whole. */
export async function sealFrozen(folder: string, { key, image, qemu: [major, minor], state, content }: FrozenParts): Promise<void> {
  const statePath = join(folder, FILES.state);
  await writeFile(statePath, state, { mode: 0o600 });
  await syncFile(statePath);
  const extents = content.extents.map(([offset, bytes]): [number, number] => [offset, bytes]);
  const ram = { ...(await fileFacts(join(folder, FILES.ram))), sha256: content.sha256, extents };
  await writeManifest(folder, { key, image, qemu: [major, minor], ram, state: { ...(await fileFacts(statePath)), sha256: sha256Of(state) } });
  // the checksum is of what was written just now
  await writeFile(join(folder, FILES.checked), await readFile(BOOT_ID, "utf8"), { mode: 0o600 });
  await syncFile(folder);
}
