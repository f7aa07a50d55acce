import { directories } from "../config/directories.ts";
import type { Invocation } from "./command.ts";
import { goOnWith } from "./go-on-with.ts";
import { savedOf } from "./saved-of.ts";
import { detach } from "./start-session.ts";

/** `cloche resume`: goes on with a suspended session: its machine is as it was, and its command starts anew. */
export default async function resume(invocation: Invocation): Promise<number> {
  const { flags, held, env, words } = invocation;
  const saved = await savedOf(invocation, "suspended", words[0], directories(env).state);
  if (flags.has("detach") && !held) return await detach(invocation);
  return await goOnWith(invocation, { kind: "suspended", saved }, saved.session);
}
