import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Place } from "../../test/support/place.ts";
import { Pty } from "../../test/support/pty.ts";
import { ROOT } from "../../test/support/sources.ts";
import { start, type StartOptions } from "../../test/support/started.ts";
import { notMeasured, reasonOf, sampled, timed, wants, type Bench, type Group } from "../bench.ts";
import type { Figure } from "../figure.ts";
import { memoryOf } from "../measure/memory.ts";
import { opensshBaseline } from "../measure/openssh.ts";

const SESSION = "bench";
const READY = "here-it-is";
const MANY = 10;
const MEMORY = "1GiB";
// a session gives back what its start has used ten seconds later
const IDLE_MS = 15_000;
// by its path: OpenSSH asks a shell, which has a true of its own, so that nothing would be started
const PROGRAM = "/bin/true";
const EXEC = { name: "exec -- /bin/true in a running session", unit: "ms", baseline: { of: "OpenSSH, shared connection to the same guest", atMost: 1.3 } } as const;
/** With a terminal, or asked for in another way, Node enters the session. */
const BY_NODE = { name: "the same by Node, as where an output is a terminal", unit: "ms", baseline: { of: EXEC.baseline.of } } as const;
const SSH = { name: EXEC.baseline.of, unit: "ms" } as const;
const FIRST = { name: "memory of a session of a 1 GiB guest, QEMU's included (PSS)", unit: "MB" } as const;
const OURS = { name: "our own memory beside QEMU (PSS)", unit: "MB", target: 150 } as const;
const FURTHER = { name: "memory of each further session", unit: "MB", baseline: { of: FIRST.name } } as const;
const ALL = { name: `memory of ${MANY} idle sessions together`, unit: "MB" } as const;
const STARTED = { name: `start of ${MANY} sessions at once, until the last is ready`, unit: "s" } as const;

const ATTACH = { name: "attach to a detached session, until its screen is shown, the terminal's own start included", unit: "ms", target: 300 } as const;
const LEAVE = "\x1c\x1c";
const TOGETHER = [FIRST, OURS, FURTHER, ALL, STARTED] as const;

/** Sessions that run: commands in them, against OpenSSH to the same guest; their memory, and ten at once. */
export const sessions: Group = async (bench) => [...(wants(EXEC, BY_NODE, SSH) ? await commands(bench) : []), ...(wants(ATTACH) ? [await attaching(bench)] : []), ...(wants(...TOGETHER) ? await memory(bench) : [])];

async function commands({ runs, say }: Bench): Promise<readonly Figure[]> {
  say("commands in a running session");
  try {
    await using baseline = await opensshBaseline();
    const { place, session } = baseline;
    // the launcher, as users start it: the session's own program has a further plugin and is started without one
    const launched = { cloche: (args: readonly string[], options: StartOptions = {}) => start([join(ROOT, "bin/cloche"), ...args], { cwd: place.project, ...options, env: { ...place.env, ...options.env } }) };
    const command = ["exec", "--session", session, "--", PROGRAM];
    const exec = await sampled(EXEC, runs * 4, () => timed(launched, command));
    const byNode = await sampled(BY_NODE, runs * 4, () => timed(launched, command, { env: { CLOCHE_BY_NODE: "1" } }));
    return [exec, byNode, await sampled(SSH, runs * 4, () => baseline.ssh(PROGRAM))];
  } catch (error) {
    return notMeasured([EXEC, BY_NODE, SSH], reasonOf(error));
  }
}

async function attaching({ runs }: Bench): Promise<Figure> {
  using place = new Place();
  try {
    await timed(place, ["--quiet", "shell", "--detach", "--name", SESSION], { deadlineMs: 30 * 60_000 });
    return await sampled(ATTACH, runs * 2, async () => {
      const began = performance.now();
      await using terminal = new Pty(join(ROOT, "bin/cloche"), ["attach", "-C", place.project, SESSION], { ...place.env, TERM: "xterm-256color" });
      await terminal.shows("$ ");
      const took = performance.now() - began;
      terminal.type(LEAVE);
      await terminal.ended;
      return took;
    });
  } catch (error) {
    return { ...ATTACH, samples: [], missing: reasonOf(error) };
  } finally {
    await place.cloche(["stop", "--all"], { input: "" }).ended;
  }
}

async function memory({ say }: Bench): Promise<readonly Figure[]> {
  say(`${MANY} sessions at once`);
  using place = new Place("project", { CLOCHE_MACHINE_MEMORY: MEMORY, CLOCHE_MACHINE_CPUS: "1" });
  const start = (name: string) => place.cloche(["--quiet", "exec", "--name", name, "--", "sh", "-c", `echo ${READY}; exec cat`]);
  try {
    await timed(place, ["--quiet", "build"], { deadlineMs: 30 * 60_000 });
    const first = start("first");
    await first.says(new RegExp(READY));
    await sleep(IDLE_MS);
    const alone = memoryOf(first.pid, { qemu: true });
    const ours = memoryOf(first.pid, { qemu: false });
    const began = performance.now();
    const others = Array.from({ length: MANY - 1 }, (_, index) => start(`more-${index}`));
    await Promise.all(others.map((session) => session.says(new RegExp(READY))));
    const took = (performance.now() - began) / 1000;
    await sleep(IDLE_MS);
    const all = [first, ...others].reduce((total, { pid }) => total + memoryOf(pid, { qemu: true }), 0);
    for (const session of [first, ...others]) session.stdin.end();
    await Promise.all([first, ...others].map(({ ended }) => ended));
    const one = (facts: Omit<Figure, "samples">, value: number): Figure => ({ ...facts, samples: [value] });
    return [one(FIRST, alone), one(OURS, ours), one(FURTHER, (all - alone) / (MANY - 1)), one(ALL, all), one(STARTED, took)];
  } catch (error) {
    return notMeasured(TOGETHER, reasonOf(error));
  }
}
