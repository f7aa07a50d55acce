import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Place } from "../../test/support/place.ts";
import { TerminalScreen } from "../../test/support/tmux.ts";
import { sampled, timed, type Group } from "../bench.ts";

const TYPED = "hello";
const STAGED = 500;
const DEADLINE_MS = 5 * 60_000;

/** How long the user waits for the agent. */
export const agent: Group = async ({ runs, say }) => {
  say("starting the agent");
  using bare = placeWith(0);
  using full = placeWith(STAGED);
  await timed(bare, ["--quiet", "build"], { deadlineMs: 30 * 60_000 });
  return [
    await sampled({ name: "cloche, until the agent's prompt shows a keystroke", unit: "s", target: 6 }, runs, () => untilPrompt(bare)),
    await sampled({ name: `the same with ${STAGED} files of your configuration`, unit: "s", target: 6 }, runs, () => untilPrompt(full)),
  ];
};

/** A place whose user has so many files of configuration; any key will do, since nothing is asked of the service before the first task. */
function placeWith(files: number): Place {
  const place = new Place("project", { ANTHROPIC_API_KEY: "sk-ant-bench-0000000000000000" });
  for (let index = 0; index < files; index += 1) {
    const folder = join(place.home, `.claude/skills/skill-${index % 50}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `file-${index}.md`), `# ${index}\n${"text of a skill, with words in it. ".repeat(60)}`);
  }
  return place;
}

async function untilPrompt(place: Place): Promise<number> {
  const began = performance.now();
  await using terminal = await TerminalScreen.start(place, [...place.program]);
  await terminal.shows(/from now on\?|bypass permissions on/, DEADLINE_MS);
  if (/from now on\?/.test(await terminal.read())) {
    // asked once on a host without hardware acceleration: this start is none that counts
    await terminal.enter("y");
    await terminal.shows("bypass permissions on", DEADLINE_MS);
    await terminal.enter("/exit");
    await terminal.status(DEADLINE_MS);
    return await untilPrompt(place);
  }
  await terminal.type(TYPED, DEADLINE_MS);
  const took = (performance.now() - began) / 1000;
  await terminal.enter("");
  return took;
}
