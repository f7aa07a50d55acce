import { z } from "zod";
import { fail } from "./failures.ts";
import { PROTOCOL, type OpenRequest, type Question, type ResumeRequest, type SignalRequest, type VisitRequest } from "./messages.ts";

// What the kernel and C strings carry: no zero inside.
const text = z.string().refine((value) => !value.includes("\0"), "it holds a zero byte");
const size = z.strictObject({ columns: z.int().min(1).max(65_535), rows: z.int().min(1).max(65_535) });
const offset = z.int().min(0);

const hello = z.object({ protocol: z.literal(PROTOCOL) });
const open = z.strictObject({
  argv: z.array(text).max(10_000),
  cwd: text.startsWith("/").exactOptional(),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/), text).exactOptional(),
  tty: size.extend({ term: text.max(100) }).exactOptional(),
});
const resume = z.strictObject({ channel: z.string().max(100), stdout: offset, stderr: offset });
const visit = z.strictObject({ size: size.exactOptional(), take: z.boolean() });
const question = z.strictObject({ name: z.string().max(100), body: z.unknown() });
const signal = z.strictObject({ name: z.string().regex(/^[A-Z0-9]{1,10}$/) });

/** Reads what a client sends; each throws CONTROL_PROTOCOL for anything that is not as agreed. */
export const requests = {
  hello: reader(hello),
  open: reader<OpenRequest>(open),
  resume: reader<ResumeRequest>(resume),
  ask: reader<Question>(question),
  visit: reader<VisitRequest>(visit),
  resize: reader(size),
  signal: reader<SignalRequest>(signal),
};

function reader<T>(schema: z.ZodType<T>): (payload: Buffer) => T {
  return (payload) => {
    let value: unknown;
    try {
      value = JSON.parse(payload.toString("utf8"));
    } catch (cause) {
      throw fail("CONTROL_PROTOCOL", { detail: "a message that is not JSON" }, { cause });
    }
    const result = schema.safeParse(value);
    if (!result.success) throw fail("CONTROL_PROTOCOL", { detail: z.prettifyError(result.error) }, { cause: result.error });
    return result.data;
  };
}
