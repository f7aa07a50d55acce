// A program that does what `cloche exec` does once its guest is there: attaches a command, on a real sshd, to its own standard streams.
// First argument "-t": with a terminal. LOSE_AFTER_MS: kills the server after that time.
import { attachLaunch } from "../../core/attach/attach-launch.ts";
import { processTerminal } from "../../core/attach/terminal.ts";
import { GuestOverSsh } from "../../core/machine/guest-over-ssh.ts";
import { acceptSsh } from "../../core/machine/ssh-accept.ts";
import { Interrupted } from "../../core/support/interrupted.ts";
import { FakeMachine } from "./fake-machine.ts";
import { TestSshd } from "./sshd.ts";

const words = process.argv.slice(2);
const tty = words[0] === "-t";
const abort = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => abort.abort(new Interrupted(signal)));

let status: number;
const sshd = await TestSshd.start();
const machine = new FakeMachine();
machine.dial(await sshd.dial());
const connection = await acceptSsh(machine, sshd.login, 10_000, abort.signal);
const guest = new GuestOverSsh(machine, connection);
const { LOSE_AFTER_MS } = process.env;
if (LOSE_AFTER_MS) setTimeout(() => sshd.killAll(), Number(LOSE_AFTER_MS));

const say = (line: string): void => void process.stderr.write(`cloche: ${line}\n`);
try {
  const launch = { argv: tty ? words.slice(1) : words, env: { CLOCHE_TEST: "é" } };
  status = await attachLaunch(guest, launch, "/tmp", processTerminal(), { signal: abort.signal, tty, graceMs: 4000, say });
} catch (error) {
  if (!(error instanceof Interrupted)) say(`threw ${String(error)}`);
  status = error instanceof Interrupted ? error.exitStatus : 1;
}
connection.close();
await sshd[Symbol.asyncDispose]();
process.exit(status);
