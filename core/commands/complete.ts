import { complete, type Candidate } from "../cli/completion/complete.ts";
import { everyCommand } from "../cli/every-command.ts";
import { directories } from "../config/directories.ts";
import { listSessions } from "../sessions/list.ts";
import { escapeLine } from "../support/escape.ts";
import type { Invocation } from "./command.ts";

/** `cloche complete -- WORDS…`: what may stand in the place of the last word. The scripts of `cloche completion` ask it. */
export default async function candidates({ rest, env, io }: Invocation): Promise<number> {
  const commands = (await everyCommand()).filter(({ hidden }) => hidden !== true);
  const plugins = async () => await (await import("../config/discover.ts")).discoverPlugins();
  const completion = await complete(rest, commands, {
    sessions: async () => (await listSessions(directories(env).runtime)).map(({ name, project }) => ({ word: name, description: project })),
    plugins: async () => (await plugins()).map(({ name, description }) => ({ word: name, description })),
    async keys() {
      const { optionsOf, sectionsOf } = await import("../config/options.ts");
      return optionsOf(sectionsOf(await plugins())).map(({ key, description }) => ({ word: key, description }));
    },
  });
  for (const line of completion.candidates.map(lineOf)) io.print(line);
  if (completion.names !== "none") io.print(`:${completion.names}`);
  if (completion.goesOn) io.print(":goes-on");
  return 0;
}

function lineOf({ word, description }: Candidate): string {
  return `${escapeLine(word)}\t${escapeLine(description)}`;
}
