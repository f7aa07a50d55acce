import { Place } from "./place.ts";
import type { Ended, Started, StartOptions } from "./started.ts";

const NAME = "shared";
const READY = "the shared machine is ready";

/** One machine for all tests of a run that leave it as they found it; starting one for each would take minutes. */
export interface SharedSession {
  readonly place: Place;
  readonly name: string;
  /** Runs a command in the machine, as `cloche exec --session` does. */
  exec(argv: readonly string[], options?: StartOptions): Promise<Ended>;
  /** The same, still running. */
  start(argv: readonly string[], options?: StartOptions): Started;
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
  // a name with everything that a path may hold: all that happens in this machine happens there
  const place = new Place(`a, "b" it's\nü $(c)`);
  const keeper = place.cloche(["exec", "--name", NAME, "--", "sh", "-c", `echo ${READY}; exec cat`], { deadlineMs: 60 * 60_000 });
  await keeper.says(new RegExp(READY));
  const start: SharedSession["start"] = (argv, options) => place.cloche(["exec", "--session", NAME, "--", ...argv], options);
  return {
    place,
    name: NAME,
    start,
    exec: (argv, options) => start(argv, { input: "", ...options }).ended,
    async end() {
      keeper.stdin.end();
      await keeper.ended.finally(() => place[Symbol.dispose]());
    },
  };
}

after("end the shared machine", async function () {
  this.timeout(60_000);
  await (await running)?.end();
});
