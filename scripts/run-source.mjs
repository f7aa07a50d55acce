// Runs a TypeScript file of the clone under a Node that can, after making the clone ready: node scripts/run-source.mjs FILE ARGS…
// `npm test`, `npm run bench` and the writers of documentation begin here, so that an old Node will do for them too.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { OLDEST_FOR_SOURCES } from "./bootstrap/node.mjs";
import { bootstrap, ROOT, say } from "./bootstrap.mjs";

const [file, ...args] = process.argv.slice(2);
try {
  const node = await bootstrap(OLDEST_FOR_SOURCES);
  const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH ?? ""}` };
  const child = spawn(node, [join(ROOT, file), ...args], { cwd: ROOT, env, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  process.exitCode = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
} catch (error) {
  say(error.message);
  if (error.cause) say(error.cause.message);
  process.exitCode = 1;
}
