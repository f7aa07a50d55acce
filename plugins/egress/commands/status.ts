import { askSession, sessionOf, tableText, type Invocation } from "../../../core/index.ts";
import type { ShownRule, Status } from "../runtime/serving.ts";
import { bytesInWords, secondsInWords } from "./amounts.ts";

const MODES = { allowlist: "only what the rules name", open: "every public address", off: "nothing" } as const;

/** `cloche egress status`. */
export default async function showStatus(invocation: Invocation): Promise<number> {
  const { io, flags } = invocation;
  const { name } = await sessionOf(invocation);
  const status = (await askSession(invocation, "egress.status")) as Status;
  if (flags.has("json")) io.printJson(status);
  else io.print(inWords(name, status).join("\n\n"));
  return 0;
}

function inWords(session: string, { mode, openUntil, ask, allow, deny, pending, connections, totals, counts }: Status): readonly string[] {
  const until = openUntil === undefined ? "" : ` until ${openUntil}`;
  const asks = ask && mode === "allowlist" ? " You are asked about the rest." : "";
  return [
    `The guest of ${session} may reach ${MODES[mode]}${until}.${asks}`,
    ...section("Waiting for your answer: cloche egress allow NUMBER, or deny NUMBER", pending.length, pending.map(({ id, name, port, held }) => [String(id), `${name}:${port}`, `${held} held`])),
    ...section("Allowed", counts.allow, rows(allow)),
    ...section("Denied", counts.deny, rows(deny)),
    ...section("Open connections", counts.connections, connections.map(({ name, port, sent, received, seconds }) => [`${name}:${port}`, `${bytesInWords(sent)} out`, `${bytesInWords(received)} in`, secondsInWords(seconds)])),
    ...section("So far", counts.totals, totals.map((total) => [`${total.name}${total.port === 0 ? "" : `:${total.port}`}`, `${total.allowed} allowed`, `${total.refused} refused`, `${total.failed} failed`, `${bytesInWords(total.sent)} out`, `${bytesInWords(total.received)} in`])),
  ];
}

function rows(rules: readonly ShownRule[]): readonly (readonly string[])[] {
  return rules.map(({ rule, by }) => [rule, by]);
}

function section(title: string, count: number, lines: readonly (readonly string[])[]): readonly string[] {
  if (count === 0) return [];
  const more = count > lines.length ? `\n  and ${count - lines.length} more` : "";
  return [`${title}:\n${tableText(lines.map((line) => ["", ...line]))}${more}`];
}
