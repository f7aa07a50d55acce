// What `npm run bench:egress` runs: compiles first, since reading TypeScript costs the gateway memory that users never pay.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";

const root = dirname(dirname(import.meta.dirname));
const compiled = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", join(import.meta.dirname, "tsconfig.json")], { stdio: "inherit" });
const { status } = compiled.status === 0 ? spawnSync(process.execPath, [join(root, "dist.bench/bench/egress/run.js"), ...process.argv.slice(2)], { stdio: "inherit" }) : compiled;
process.exitCode = status ?? 1;
