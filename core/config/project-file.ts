import { basename } from "node:path";
import { loadData } from "./explorer.ts";
import { fail } from "./failures.ts";
import type { Layer } from "./layers.ts";
import { projectFiles } from "./places.ts";
import { readText } from "./read.ts";

const LIMIT_KIB = 256;
const PACKAGE_LIMIT_KIB = 8192;

/**
 * What the checkout says. It may come from a stranger: it is data, it never runs, loads another file or reaches outside the project.
 * Undefined when it says nothing. What of it is in force is for `holdToTrust` to decide.
 */
export async function projectLayer(project: string): Promise<Layer | undefined> {
  const layers: Layer[] = [];
  for (const file of projectFiles(project)) {
    const layer = await layerOf(file, project);
    if (layer) layers.push(layer);
  }
  if (layers.length > 1) throw fail("CONFIG_TWICE", { files: layers.map((layer) => layer.source.where) });
  return layers[0];
}

async function layerOf(file: string, project: string): Promise<Layer | undefined> {
  const isPackage = basename(file) === "package.json";
  const text = await readText(file, { within: project, limitKiB: isPackage ? PACKAGE_LIMIT_KIB : LIMIT_KIB });
  // a package.json that is broken just now is only our business when it speaks of us
  if (isPackage && !text.includes('"cloche"')) return undefined;
  const values = await loadData(file, text);
  return values && { source: { kind: "project", where: file }, values };
}
