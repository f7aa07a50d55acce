import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { BASE_FILES } from "../image/base.ts";
import type { Image } from "../image/image.ts";
import { inspectImages } from "../image/verify.ts";
import { inspectTemplates } from "../machine/template/find.ts";
import { proveKvm } from "../machine/accelerator.ts";
import type { Consultants } from "./doctor.ts";

const INSPECTION_MS = 120_000;

/** The parts that know of accelerators and images. */
export function consultants(cacheDir: string, signal: AbortSignal): Consultants {
  return {
    async prove() {
      const image = await anyImage(cacheDir);
      if (!image) return undefined;
      const { works, reason } = await proveKvm(image, { systemRoot: "/", cacheDir }, { signal });
      return { works, detail: reason };
    },
    inspect: async () => {
      if ((await bases(cacheDir)).length === 0) return [];
      const templates = await inspectTemplates(cacheDir, AbortSignal.timeout(INSPECTION_MS));
      return [...(await inspectImages(cacheDir)), ...templates.map(({ id, damage }) => ({ id: `templates/${id}`, damage }))];
    },
  };
}

/** Some image of the cache; the probe boots only its kernel and initrd. */
async function anyImage(cacheDir: string): Promise<Image | undefined> {
  const [id] = await bases(cacheDir);
  if (id === undefined) return undefined;
  const file = (name: keyof typeof BASE_FILES) => join(cacheDir, "bases", id, BASE_FILES[name]);
  return { id, kernel: file("kernel"), initrd: file("initrd"), disks: [] };
}

/** A host that never made an image has no cache, and the doctor makes none. */
async function bases(cacheDir: string): Promise<readonly string[]> {
  return await readdir(join(cacheDir, "bases")).catch(() => []);
}
