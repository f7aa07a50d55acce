import { Place } from "./place.ts";
import { Program } from "./program.ts";
import type { Ended, Started, StartOptions } from "./started.ts";

const NAME = "shared";
const READY = "the shared machine is ready";
const BECOME_ROOT = ["become", "--reuid=0", "--regid=0", "--clear-groups", "--"];

/** One machine for all tests of a run that leave it as they found it; starting one for each would take minutes. */
export interface SharedSession {
  readonly place: Place;
  readonly name: string;
  /** The cloche that started the machine and keeps it. */
  readonly keeper: Started;
  /** Runs a command in the machine, as `cloche exec --session` does. */
  exec(argv: readonly string[], options?: StartOptions): Promise<Ended>;
  /** The same, still running. */
  start(argv: readonly string[], options?: StartOptions): Started;
  /** Runs a shell script in the project, as the agent or as root with all that root can do in the guest; answers what it printed. */
  sh(script: string, user?: "agent" | "root"): Promise<string>;
}

interface Running extends SharedSession {
  end(): Promise<void>;
}

let running: Promise<Running> | undefined;

/** The shared machine, started by the first test that asks for it; call it in `before`, whose time it takes. */
export function sharedSession(): Promise<SharedSession> {
  return (running ??= open());
}

async function open(): Promise<Running> {
  const program = new Program("root-door");
  // a name with everything that a path may hold: all that happens in this machine happens there
  const place = new Place(`a, "b" it's\nü $(c)`, {}, program.command);
  const keeper = place.cloche(["exec", "--name", NAME, "--", "sh", "-c", `echo ${READY}; exec cat`], { deadlineMs: 60 * 60_000 });
  await keeper.says(new RegExp(READY));
  const start: SharedSession["start"] = (argv, options) => place.cloche(["exec", "--session", NAME, "--", ...argv], options);
  const exec: SharedSession["exec"] = (argv, options) => start(argv, { input: "", ...options }).ended;
  return {
    place,
    name: NAME,
    keeper,
    start,
    exec,
    async sh(script, user = "agent") {
      const { status, stdout, stderr } = await exec([...(user === "root" ? BECOME_ROOT : []), "sh", "-c", script]);
      if (status !== 0) throw new Error(`${script}\nended with ${status} in the guest and said:\n${stdout}${stderr}`);
      return stdout;
    },
    async end() {
      keeper.stdin.end();
      await keeper.ended.finally(() => {
        place[Symbol.dispose]();
        program[Symbol.dispose]();
      });
    },
  };
}

after("end the shared machine", async function () {
  this.timeout(60_000);
  await (await running)?.end();
});
