import { addToOption, askSession, sessionOf, type Invocation } from "../../../core/index.ts";
import { readRule } from "../policy/rule.ts";
import { fail } from "../failures.ts";
import type { Changed } from "../runtime/serving.ts";

const NUMBER = /^[1-9][0-9]{0,8}$/;

/** Words of the command line: numbers of what waits, and rules. Throws EGRESS_RULE_INVALID before anything is changed. */
export function readWords(words: readonly string[], purpose: "allow" | "deny"): { readonly ids: readonly number[]; readonly rules: readonly string[] } {
  const rules = words.filter((word) => !NUMBER.test(word));
  for (const rule of rules) {
    const reading = readRule(rule, purpose);
    if ("why" in reading) throw fail("EGRESS_RULE_INVALID", { rule, by: "the command line", why: reading.why });
  }
  return { ids: words.filter((word) => NUMBER.test(word)).map(Number), rules };
}

/** Asks the session for a change, and writes it into the user's configuration when it is for always; says what was done. */
export async function changeRules(invocation: Invocation, verb: "allow" | "deny"): Promise<number> {
  const { flags, io, words } = invocation;
  const [once, always] = [flags.has("once"), flags.has("always")];
  if (once && always) throw fail("EGRESS_ONCE_ALWAYS", undefined);
  const { project } = await sessionOf(invocation);
  const body = { ...readWords(words, verb), ...(verb === "allow" ? { once } : {}) };
  const { rules, closed, without = [] } = (await askSession(invocation, `egress.${verb}`, body)) as Changed;
  const lasting = once ? "for the connections that wait" : "for this session";
  io.print(`${verb === "allow" ? "Allowed" : "Denied"} ${lasting}: ${rules.join(", ")}.`);
  for (const line of without) io.warn(`It is still refused: ${line}.`);
  if (closed > 0) io.print(`${closed} open connection${closed === 1 ? " was" : "s were"} closed.`);
  if (always) io.print(`Written to ${await addToOption(invocation, project, `egress.${verb}`, rules)} for the project ${project}.`);
  return 0;
}
