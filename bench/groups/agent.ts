import { Place } from "../../test/support/place.ts";
import { TerminalScreen } from "../../test/support/tmux.ts";
import { sampled, timed, type Group } from "../bench.ts";

const TYPED = "hello";
const DEADLINE_MS = 5 * 60_000;

/** How long the user waits for the agent. */
export const agent: Group = async ({ runs, say }) => {
  say("starting the agent");
  // any key will do: nothing is asked of the service before the first task
  using place = new Place("project", { ANTHROPIC_API_KEY: "sk-ant-bench-0000000000000000" });
  await timed(place, ["--quiet", "build"], { deadlineMs: 30 * 60_000 });
  return [
    await sampled({ name: "cloche, until the agent's prompt shows a keystroke", unit: "s", target: 6 }, runs, async () => {
      const began = performance.now();
      await using terminal = await TerminalScreen.start(place, [...place.program]);
      await terminal.shows(/from now on\?|bypass permissions on/, DEADLINE_MS);
      if (/from now on\?/.test(await terminal.read())) throw new Error("software emulation was not agreed to: run cloche once at a terminal");
      await terminal.type(TYPED, DEADLINE_MS);
      const took = (performance.now() - began) / 1000;
      await terminal.enter("");
      return took;
    }),
  ];
};
