// Part of `npm start`: brings the host's packages that machines need, by the same table as `cloche doctor`.
import { commandIo } from "../dist/core/cli/io.js";
import { reportOf, statusOf } from "../dist/core/cli/report.js";
import { hostLook } from "../dist/core/doctor/host-look.js";
import { prepareHost } from "../dist/core/doctor/prepare.js";

const { stdin, stdout, stderr, env } = process;
const isTerminal = Boolean(stdin.isTTY && stderr.isTTY);
const io = commandIo({ stdin, stdout, stderr }, env, false, new AbortController().signal);

try {
  const talk = { say: (line) => io.warn(line), ask: isTerminal ? (question) => io.ask(question) : undefined };
  const outcome = await prepareHost(hostLook(process.cwd(), isTerminal, env), talk);
  process.exitCode = outcome === "ready" ? 0 : 1;
} catch (error) {
  stderr.write(`${reportOf(error)}\n`);
  process.exitCode = statusOf(error);
}
