import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.mjs";

/** The oldest Node that runs cloche, and the oldest that runs its sources without a build, as the tests need. */
export const OLDEST = [22, 0];
export const OLDEST_FOR_SOURCES = [22, 18];

/** The path of a Node that is new enough: the running one, else the pinned one from the npm registry. */
export async function ensureNode(root, oldest, say) {
  if (isAtLeast(process.versions.node, oldest)) return process.execPath;
  const pinned = readFileSync(join(root, "scripts/runtime/package-lock.json"), "utf8");
  const runtime = join(root, ".node/runtime");
  const node = join(runtime, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
  if (existsSync(node) && readFileSync(join(runtime, "package-lock.json"), "utf8") === pinned) return node;

  const version = versionFor(pinned);
  if (version === undefined) throw new Error(`${tooOld(oldest)} Install a newer one; none can be fetched for ${process.platform}-${process.arch}.`);
  say(`fetching Node ${version}, since the one here is ${process.versions.node} and ${oldest.join(".")} is needed (50 MB)`);
  await fetchNode(root, runtime);
  await run([node, "--version"], { cwd: root }).catch((cause) => {
    throw new Error(`${tooOld(oldest)} The one fetched from the npm registry does not run here; install a newer one.`, { cause });
  });
  return node;
}

/** npm checks what it fetches against the lock file's checksum. */
async function fetchNode(root, runtime) {
  const next = `${runtime}.next`;
  rmSync(next, { recursive: true, force: true });
  mkdirSync(next, { recursive: true });
  for (const file of ["package.json", "package-lock.json"]) cpSync(join(root, "scripts/runtime", file), join(next, file));
  await run(["npm", "ci", "--prefix", next, "--ignore-scripts", "--include=optional", "--no-audit", "--no-fund"], { cwd: next });
  rmSync(runtime, { recursive: true, force: true });
  renameSync(next, runtime);
}

function versionFor(lock) {
  const entry = JSON.parse(lock).packages[`node_modules/node-${process.platform}-${process.arch}`];
  return entry?.version;
}

function isAtLeast(version, oldest) {
  const [major, minor] = version.split(".").map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

function tooOld(oldest) {
  return `Node ${oldest.join(".")} or later is needed, and the one here is ${process.versions.node}.`;
}
