// What `npm start` runs: sets up the clone and the host, then hands over to cloche in the directory the user stands in.
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { bootstrap, ROOT, say } from "./bootstrap.mjs";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
const FROM_TERMINAL = new Set(["SIGINT", "SIGQUIT"]);
const REPEATED_MS = 1000;
const NEEDS_A_MACHINE = new Set(["run", "shell", "exec", "build"]);
const ONLY_TALKS = new Set(["--help", "-h", "--version", "-V"]);

const hasTerminal = canOpen("/dev/tty");

/** Whether these arguments will start a machine, so that the host's packages are needed. */
function needsHost([first]) {
  return first === undefined || NEEDS_A_MACHINE.has(first) || (first.startsWith("-") && !ONLY_TALKS.has(first));
}

/** The environment the user has outside of npm, which adds its own settings and the clone's programs. */
function withoutNpm(env) {
  const kept = Object.entries(env).filter(([name]) => !/^(npm_(lifecycle|package)_|npm_(command|execpath|node_execpath)$|npm_config_local_prefix$|INIT_CWD$|NODE$)/.test(name));
  const isNpms = (folder) => /\/node_modules\/\.bin$|\/node-gyp-bin$/.test(folder);
  return { ...Object.fromEntries(kept), PATH: (env.PATH ?? "").split(":").filter((folder) => !isNpms(folder)).join(":") };
}

/** Runs a program on the user's terminal and answers its end; the signals we get are for it. */
async function pass(command, args, options) {
  const child = spawn(command, args, { ...options, stdio: "inherit" });
  const passed = new Map();
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      // a terminal has sent its own signals to the child as well, and npm repeats what it got itself
      if (FROM_TERMINAL.has(signal) && hasTerminal) return;
      if (Date.now() - (passed.get(signal) ?? 0) < REPEATED_MS) return;
      passed.set(signal, Date.now());
      child.kill(signal);
    });
  }
  const end = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  for (const signal of SIGNALS) process.removeAllListeners(signal);
  return end;
}

function canOpen(path) {
  try {
    closeSync(openSync(path, "r"));
    return true;
  } catch {
    return false;
  }
}

async function main(args) {
  const cwd = process.env.INIT_CWD ?? process.cwd();
  const env = { ...withoutNpm(process.env), PWD: cwd };
  const node = await bootstrap();
  if (needsHost(args)) {
    const prepared = await pass(node, [join(ROOT, "scripts/prepare-host.mjs")], { cwd: ROOT, env });
    if (prepared.code !== 0) return prepared;
  }
  return await pass(node, [join(ROOT, "dist/core/cli.js"), ...args], { cwd, env });
}

try {
  const end = await main(process.argv.slice(2));
  if (end.signal) process.kill(process.pid, end.signal);
  process.exitCode = end.code ?? 1;
} catch (error) {
  say(error.message);
  if (error.cause) say(error.cause.message);
  process.exitCode = 1;
}
