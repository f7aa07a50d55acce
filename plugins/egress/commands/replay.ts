import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pluginOptions, tableText, type Invocation } from "../../../core/index.ts";
import { readEntry } from "../audit/entry.ts";
import { linesOf } from "../audit/read.ts";
import { Replay } from "../audit/replay.ts";
import { fail } from "../failures.ts";
import type { EgressOptions } from "../options.ts";
import { RuleCollector } from "../service.ts";
import { auditFileOf } from "./log.ts";

/** `cloche egress replay [LOG]`: what the rules of the configuration as they are now would have done to it. */
export default async function replayLog(invocation: Invocation): Promise<number> {
  const { io, flags, words, directory } = invocation;
  const file = words[0] === undefined ? await auditFileOf(invocation) : resolve(directory, words[0]);
  if (!existsSync(file)) throw fail("EGRESS_NO_LOG", { project: file, session: undefined });
  const options = (await pluginOptions(invocation, "egress")) as EgressOptions;
  const replay = new Replay(new RuleCollector(options).seal());
  for await (const line of linesOf(file)) {
    const entry = readEntry(line);
    if (entry) replay.add(entry);
  }
  const changes = replay.changes();
  if (flags.has("json")) io.printJson({ log: file, decisions: replay.decisions, changes });
  else if (changes.length === 0) io.print(`Nothing would be different: ${replay.decisions} decisions, all as they were.`);
  else io.print(tableText(changes.map(({ what, times, then, now, why }) => [what, `${times}×`, `was ${then}`, `would be ${now}`, why])));
  return 0;
}
