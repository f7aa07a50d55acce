// Makes a clone ready to run: a new enough Node, the packages, the build. Plain JavaScript that Node 18 runs, with no
// dependencies, since it runs before anything is installed. As a program it prints the path of the Node to use.
import { accessSync, constants, mkdirSync, realpathSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureBuild } from "./bootstrap/build.mjs";
import { withLock } from "./bootstrap/lock.mjs";
import { ensureModules } from "./bootstrap/modules.mjs";
import { ensureNode, OLDEST } from "./bootstrap/node.mjs";

/** The folder of the clone. */
export const ROOT = realpathSync(dirname(dirname(fileURLToPath(import.meta.url))));

/** Progress goes to standard error, one line each. */
export function say(line) {
  process.stderr.write(`cloche: ${line}\n`);
}

/** Sets up what is missing or old and answers the path of the Node to use. Safe when called by several at once. */
export async function bootstrap(oldest = OLDEST) {
  const began = new Date();
  const mayWrite = canWrite(ROOT);
  const setUp = async () => {
    const node = await ensureNode(ROOT, oldest, say);
    await ensureModules(ROOT, node, say, mayWrite);
    await ensureBuild(ROOT, node, say, mayWrite);
    if (mayWrite) record(node, began);
    return node;
  };
  return mayWrite ? await withLock(join(ROOT, ".node"), say, setUp) : await setUp();
}

/** Tells bin/cloche which Node to use; as old as the look at the sources, so that a later change is noticed. */
function record(node, began) {
  const file = join(ROOT, ".node/ready");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${node}\n`);
  utimesSync(file, began, began);
}

function canWrite(folder) {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    process.stdout.write(`${await bootstrap()}\n`);
  } catch (error) {
    say(error.message);
    if (error.cause) say(error.cause.message);
    process.exitCode = 1;
  }
}
