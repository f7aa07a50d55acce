// What `npm test` runs: makes the clone ready, then goes on in TypeScript under a Node that runs it.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { OLDEST_FOR_SOURCES } from "./bootstrap/node.mjs";
import { bootstrap, ROOT, say } from "./bootstrap.mjs";

try {
  const node = await bootstrap(OLDEST_FOR_SOURCES);
  const ended = spawnSync(node, [join(ROOT, "scripts/test/run.ts"), ...process.argv.slice(2)], { cwd: ROOT, stdio: "inherit" });
  if (ended.error) throw ended.error;
  process.exitCode = ended.status ?? 1;
} catch (error) {
  say(error.message);
  if (error.cause) say(error.cause.message);
  process.exitCode = 1;
}
