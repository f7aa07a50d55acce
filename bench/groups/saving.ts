import { Place } from "../../test/support/place.ts";
import { Pty } from "../../test/support/pty.ts";
import { notMeasured, reasonOf, sampled, timed, wants, type Group } from "../bench.ts";

const NAME = "fern";
const MEMORY = "1GiB";
const PROMPT = "$ ";
const DETACH = "\x1c\x1c";
const DEADLINE_MS = 60_000;
const LS = { name: "cloche ls with a session that runs", unit: "ms", target: 200 } as const;
const ATTACH = { name: "cloche attach, until its first screen", unit: "ms", target: 300 } as const;
const PAUSE = { name: "how long a snapshot or fork stops a session of 1 GiB", unit: "ms", target: 1000 } as const;
const PAUSE_AGENT = { name: "the same, when the agent's program has been in its memory", unit: "ms", target: 1000 } as const;
const SUSPEND = { name: "cloche suspend of a session of 1 GiB", unit: "s", target: 3 } as const;
const RESUME = { name: "cloche resume of it, until its command runs", unit: "s", target: 1 } as const;

/** Sessions that are come back to: looked at, attached to, copied, put on the disk, and taken up again. */
export const saving: Group = async ({ runs, say }) => {
  using place = new Place("project", { CLOCHE_MACHINE_MEMORY: MEMORY });
  const cloche = (...args: readonly string[]): Promise<number> => timed(place, ["--quiet", ...args], { deadlineMs: 30 * 60_000 });
  try {
    say("making image and template");
    await cloche("build");
    await cloche("shell", "--detach", "--name", NAME);
    say("coming to a session, copying it, and putting it on the disk");
    const ls = await sampled(LS, runs * 4, () => timed(place, ["ls"]));
    const attach = await sampled(ATTACH, runs * 2, () => untilScreen(place));
    const pause = await sampled(PAUSE, runs, (run) => pauseOf(place, `copy-${run}`));
    if (wants(PAUSE_AGENT)) await cloche("exec", "--session", NAME, "--", "sh", "-c", 'cat "$(readlink -f "$(command -v claude)")" | wc -c; claude --version');
    const pauseAgent = await sampled(PAUSE_AGENT, runs, (run) => pauseOf(place, `agent-${run}`));
    const resumed: number[] = [];
    const suspend = await sampled(SUSPEND, runs, async () => {
      const ms = await cloche("suspend", NAME);
      resumed.push((await cloche("resume", NAME, "--detach")) / 1000);
      return ms / 1000;
    });
    return [ls, attach, pause, pauseAgent, suspend, { ...RESUME, samples: resumed }];
  } catch (error) {
    return notMeasured([LS, ATTACH, PAUSE, PAUSE_AGENT, SUSPEND, RESUME], reasonOf(error));
  } finally {
    await cloche("stop", "--all").catch(() => {});
  }
};

/** ms until the prompt of the shell in it stands on a terminal that comes. */
async function untilScreen(place: Place): Promise<number> {
  const began = performance.now();
  const [program = "", ...args] = place.program;
  await using terminal = new Pty(program, [...args, "attach", NAME], { ...place.env, TERM: "xterm-256color" });
  await terminal.shows(PROMPT, DEADLINE_MS);
  const took = performance.now() - began;
  terminal.type(DETACH);
  await terminal.ended;
  return took;
}

async function pauseOf(place: Place, copy: string): Promise<number> {
  const { stdout, stderr, status } = await place.cloche(["--quiet", "snapshot", "take", NAME, "--as", copy, "--json"], { input: "" }).ended;
  if (status !== 0) throw new Error(stderr);
  await timed(place, ["--quiet", "snapshot", "forget", copy]);
  return (JSON.parse(stdout) as { pausedMs: number }).pausedMs;
}
