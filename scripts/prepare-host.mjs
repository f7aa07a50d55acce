// Part of `npm start`: brings the host's packages that machines need, by the same table as `cloche doctor`.
import { createInterface } from "node:readline/promises";
import { hostLook } from "../dist/core/doctor/host-look.js";
import { prepareHost } from "../dist/core/doctor/prepare.js";

const isTerminal = Boolean(process.stdin.isTTY && process.stderr.isTTY);

async function ask(question) {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise((resolve) => terminal.once("close", () => resolve("no")));
  try {
    return !/^n/i.test((await Promise.race([terminal.question(`${question} [Y/n] `), closed])).trim());
  } finally {
    terminal.close();
  }
}

function say(line) {
  process.stderr.write(`cloche: ${line}\n`);
}

try {
  const look = hostLook(process.cwd(), isTerminal, process.env);
  const outcome = await prepareHost(look, { say, ask: isTerminal ? ask : undefined });
  process.exitCode = outcome === "ready" ? 0 : 1;
} catch (error) {
  say(error.message);
  if (error.hint) say(error.hint);
  process.exitCode = 1;
}
