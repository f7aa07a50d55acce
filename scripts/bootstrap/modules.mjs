import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { envWith, run } from "./run.mjs";

/** Installs exactly what package-lock.json names, unless it is there already. */
export async function ensureModules(root, node, say, mayWrite) {
  if (areCurrent(root)) return;
  if (!mayWrite) throw new Error(`${root}/node_modules is missing or old, and you may not write there. Its owner has to run "npm ci".`);
  say("fetching the packages it needs with npm");
  // NODE_ENV=production would leave out the compiler; no dependency needs its install script
  await run(["npm", "ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: root, env: envWith(node) });
}

/** Compares the lock file with the record that npm keeps of what it installed. */
function areCurrent(root) {
  const record = join(root, "node_modules/.package-lock.json");
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const present = JSON.parse(readFileSync(record, "utf8")).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "") return true;
    const found = present[path];
    return found ? found.version === entry.version && found.integrity === entry.integrity : entry.optional === true;
  });
}
