// bundle.mjs FOLDER: makes few files out of the hundreds that were compiled there, with the packages that they use, since to find and read
// each of them is most of the time until a command runs. What is started or imported by its name keeps its place.
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow } from "./bundle/files.mjs";
import { notices } from "./bundle/notices.mjs";
import { bundlePrograms } from "./bundle/programs.mjs";
import { bundleScripts } from "./bundle/scripts.mjs";

/** What lies in one script, of which a process loads what it needs: whatever shares a process with the command line. */
export const PARTS = [
  "core/cli",
  "core/cli/io",
  "core/cli/report",
  "core/doctor/host-look",
  "core/doctor/prepare",
  "core/index",
  "core/machine/template/freezer-main",
  "core/outside/lend-here",
  "core/supervisor/main",
  "testing/index",
];
/** Programs of their own, whose memory counts, and what is loaded into them. */
export const PROGRAMS = [
  "core/outside/lending-thread",
  "plugins/credentials/gateway/part",
  "plugins/egress/gateway/main",
  "plugins/share-9p/frozen/end-main",
];
/** What has a name to others: programs of ours, what plugins import, what scripts need. */
export const NAMED = [...PARTS, ...PROGRAMS];

/** Bundles a folder in place. */
export async function bundle(folder) {
  const apart = filesBelow(folder).filter((path) => path.endsWith(".js"));
  const inPlugins = readdirOr(join(folder, "plugins")).flatMap((name) => [`plugins/${name}/index`, `plugins/${name}/commands`]);
  const there = (names) => names.filter((name) => existsSync(join(folder, `${name}.js`)));
  const scripts = await bundleScripts(folder, there([...PARTS, ...inPlugins]));
  const programs = await bundlePrograms(folder, there(PROGRAMS));
  for (const path of apart) rmSync(path);
  for (const { path, text } of [...scripts.files, ...programs.files]) writeFileSync(path, text);
  writeFileSync(join(folder, "THIRD-PARTY.txt"), notices([...scripts.inputs, ...programs.inputs]));
}

function readdirOr(folder) {
  return existsSync(folder) ? readdirSync(folder) : [];
}

if (process.argv[2] !== undefined && process.argv[1]?.endsWith("bundle.mjs")) await bundle(process.argv[2]);
