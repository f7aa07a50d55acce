import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FILES, fileFacts, sha256Of, writeManifest } from "../../../../core/machine/template/manifest.ts";
import type { Shape } from "../../../../core/machine/template/shape.ts";
import { packSparse } from "../../../../core/machine/template/sparse.ts";
import { openTemplates, templateFolder, type TemplateStore } from "../../../../core/machine/template/store.ts";

export const UNBOUND = new AbortController().signal;
export const KEY = "0123456789abcdef01234567";
export const MIB = 1024 * 1024;

/** A cache with a store of templates in a folder of its own. */
export class TestStore implements Disposable {
  readonly cacheDir = mkdtempSync(join(tmpdir(), "cloche-template-"));
  store!: TemplateStore;

  static async open(): Promise<TestStore> {
    const made = new TestStore();
    made.store = await openTemplates(made.cacheDir);
    return made;
  }

  /** Puts a template there as the freezer does, of which the memory is a few stretches of bytes in much emptiness. */
  async add(key = KEY, qemu: [number, number] = [7, 2]): Promise<string> {
    const folder = templateFolder(this.store, key);
    mkdirSync(folder);
    const raw = join(this.cacheDir, `raw-${key}`);
    writeFileSync(raw, Buffer.alloc(300_000, 1));
    await truncate(raw, 8 * MIB);
    const content = await packSparse(raw, join(folder, FILES.ram), UNBOUND);
    rmSync(raw);
    const state = Buffer.from("the state of some devices");
    writeFileSync(join(folder, FILES.state), state);
    const extents = content.extents.map(([offset, bytes]): [number, number] => [offset, bytes]);
    await writeManifest(folder, {
      key,
      image: "an image",
      qemu,
      ram: { ...(await fileFacts(join(folder, FILES.ram))), sha256: content.sha256, extents },
      state: { ...(await fileFacts(join(folder, FILES.state))), sha256: sha256Of(state) },
    });
    return folder;
  }

  [Symbol.dispose](): void {
    rmSync(this.cacheDir, { recursive: true, force: true });
  }
}

export const SHAPE: Shape = {
  image: { id: "an image", kernel: "/k", initrd: "/i", disks: ["/d"] },
  systemRoot: "/",
  accelerator: "tcg",
  cpus: 2,
  memoryMiB: 512,
  shares: [{ tag: "project", readOnly: false }],
  devices: [],
};
