import { directories } from "../config/directories.ts";
import type { Invocation } from "./command.ts";
import { goOnWith } from "./go-on-with.ts";
import { savedOf } from "./saved-of.ts";
import { detach } from "./start-session.ts";

/** `cloche snapshot start NAME`: a further session that goes on from a snapshot, detached, with a seed of its own. */
export default async function startFromSnapshot(invocation: Invocation): Promise<number> {
  const { held, env, words, flags } = invocation;
  const saved = await savedOf(invocation, "snapshots", words[0], directories(env).state);
  if (!held) return await detach(invocation);
  return await goOnWith(invocation, { kind: "snapshots", saved }, flags.value("name"));
}
