import { directories } from "../config/directories.ts";
import type { Invocation } from "./command.ts";
import { detach } from "./detach.ts";

/** `cloche snapshot start NAME`: a further session that goes on from a snapshot, detached, with a seed of its own. */
export default async function startFromSnapshot(invocation: Invocation): Promise<number> {
  const { held, env, words, flags } = invocation;
  if (!held) return await detach(invocation);
  const [{ savedOf }, { goOnWith }] = await Promise.all([import("./saved-of.ts"), import("./go-on-with.ts")]);
  const saved = await savedOf(invocation, "snapshots", words[0], directories(env).state);
  return await goOnWith(invocation, { kind: "snapshots", saved }, flags.value("name"));
}
