import { fail as usage } from "../cli/failures.ts";
import { byteCount } from "../cli/output.ts";
import { directories } from "../config/directories.ts";
import { fail, named } from "../suspend/failures.ts";
import { discardSaved, isSaved, listSaved } from "../suspend/store.ts";
import type { Invocation } from "./command.ts";

/** `cloche snapshot forget`: removes snapshots, also damaged ones. Sessions that came of them run on. */
export default async function forgetSnapshots({ io, flags, words, env }: Invocation): Promise<number> {
  const { state } = directories(env);
  const [first] = words;
  const all = await listSaved(state, "snapshots");
  if (flags.has("all") && first !== undefined) throw usage("USAGE_CONFLICT", { first: "--all", second: first });
  const names = flags.has("all") ? all.map(({ name }) => name) : words;
  const unknown = names.find((name) => !isSaved(state, "snapshots", name));
  if (unknown !== undefined || (names.length === 0 && !flags.has("all"))) throw fail("SAVED_UNKNOWN", { ...named("snapshots", unknown ?? ""), known: all.map(({ name }) => name) });
  for (const name of names) await discardSaved(state, "snapshots", name);
  const bytes = all.filter(({ name }) => names.includes(name)).reduce((sum, { machine }) => sum + machine.bytes, 0);
  if (flags.has("json")) io.printJson({ forgotten: names, bytes });
  else io.print(names.length === 0 ? "There are no snapshots." : `Forgot ${names.join(", ")}: ${byteCount(bytes)}.`);
  return 0;
}
