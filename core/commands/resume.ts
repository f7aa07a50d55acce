import { directories } from "../config/directories.ts";
import type { Invocation } from "./command.ts";
import { detach } from "./detach.ts";

/** `cloche resume`: goes on with a suspended session: its machine is as it was, and its command starts anew. */
export default async function resume(invocation: Invocation): Promise<number> {
  const { flags, held, env, words } = invocation;
  if (flags.has("detach") && !held) return await detach(invocation);
  const [{ savedOf }, { goOnWith }] = await Promise.all([import("./saved-of.ts"), import("./go-on-with.ts")]);
  const saved = await savedOf(invocation, "suspended", words[0], directories(env).state);
  return await goOnWith(invocation, { kind: "suspended", saved }, saved.session);
}
