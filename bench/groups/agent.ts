import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Place } from "../../test/support/place.ts";
import { TerminalScreen } from "../../test/support/tmux.ts";
import { sampled, timed, type Group } from "../bench.ts";

const TYPED = "hello";
const STAGED = 500;
const DEADLINE_MS = 5 * 60_000;
const ASKS = /from now on\?/;
const PROMPT = /bypass permissions on/;
const FIGURE = { name: "cloche, until the agent's prompt shows a keystroke", unit: "s", target: 6 } as const;

/** How long the user waits for the agent. */
export const agent: Group = async ({ runs, say }) => {
  using bare = placeWith(0);
  using full = placeWith(STAGED);
  say("making image and template");
  await timed(bare, ["--quiet", "build"], { deadlineMs: 30 * 60_000 });
  say("agreeing to software emulation where there is nothing else, which is asked once");
  for (const place of [bare, full]) await untilKeystroke(place).catch(() => {}); // what is wrong is said of the figure
  say("starting the agent");
  return [
    await sampled(FIGURE, runs, () => untilKeystroke(bare)),
    await sampled({ ...FIGURE, name: `the same with ${STAGED} files of your configuration` }, runs, () => untilKeystroke(full)),
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

/** Seconds until the agent shows a key that was pressed; the agent has ended again. */
async function untilKeystroke(place: Place): Promise<number> {
  const began = performance.now();
  await using terminal = await TerminalScreen.start(place, [...place.program]);
  await terminal.shows(new RegExp(`${ASKS.source}|${PROMPT.source}`), DEADLINE_MS);
  if (ASKS.test(await terminal.read())) await terminal.enter("y");
  await terminal.shows(PROMPT, DEADLINE_MS);
  await terminal.type(TYPED, DEADLINE_MS);
  const took = (performance.now() - began) / 1000;
  await terminal.key("C-u");
  await terminal.enter("/exit");
  await terminal.status(DEADLINE_MS);
  return took;
}
