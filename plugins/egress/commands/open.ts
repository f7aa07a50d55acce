import { askSession, type Invocation } from "../../../core/index.ts";
import { fail } from "../failures.ts";

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
const TIME = /^([1-9][0-9]{0,4})([smh])$/;

/** `cloche egress open [--for 10m]`. */
export default async function open(invocation: Invocation): Promise<number> {
  const text = invocation.flags.value("for");
  const [, number, unit = ""] = TIME.exec(text ?? "") ?? [];
  if (text !== undefined && number === undefined) throw fail("EGRESS_TIME_FORM", { text });
  const forMs = number === undefined ? undefined : Number(number) * (UNIT_MS[unit] ?? 0);
  await askSession(invocation, "egress.open", forMs === undefined ? {} : { forMs });
  const until = text === undefined ? "until the session ends, or `cloche egress close`" : `for ${text}`;
  invocation.io.print(`The guest may reach every public address ${until}.`);
  return 0;
}
