import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.mjs";

/** Compiles the sources to `dist/`, unless that was done for the same sources. */
export async function ensureBuild(root, node, say, mayWrite) {
  const stamp = join(root, "dist/.sources");
  const sources = hashOfSources(root);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === sources) return;
  if (!mayWrite) {
    if (!existsSync(stamp)) throw new Error(`${root}/dist is missing, and you may not write there. Its owner has to run "npm run build".`);
    say(`${root}/dist is older than its sources, and you may not write there; its owner should run "npm run build"`);
    return;
  }
  say("compiling");
  await compile(root, node, sources);
}

/** Compiles into a new folder that then takes the place of the old one: files of removed sources do not stay, plugins among them. */
async function compile(root, node, sources) {
  const dist = join(root, "dist");
  const next = `${dist}.next`;
  const old = `${dist}.old`;
  rmSync(next, { recursive: true, force: true });
  // types are checked by "npm run check" and the tests; here the time matters
  await run([node, join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json", "--noCheck", "--outDir", next], { cwd: root });
  await run([node, join(root, "scripts/bootstrap/bundle.mjs"), next], { cwd: root });
  writeFileSync(join(next, ".sources"), sources);
  rmSync(old, { recursive: true, force: true });
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(next, dist);
  rmSync(old, { recursive: true, force: true });
}

function hashOfSources(root) {
  const hash = createHash("sha256");
  for (const file of ["package-lock.json", "tsconfig.json", "tsconfig.build.json", "scripts/bootstrap/bundle.mjs", ...["core", "plugins", "scripts/bootstrap/bundle", "testing"].flatMap((folder) => under(root, folder))]) {
    hash.update(`${file}\0`).update(readFileSync(join(root, file))).update("\0");
  }
  return hash.digest("hex");
}

function under(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? under(root, path) : entry.isFile() ? [path] : [];
    });
}
