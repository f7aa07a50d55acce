import { z } from "zod";

/** A line of an audit, as far as it is read again. */
export const ENTRY = z.looseObject({
  time: z.string(),
  session: z.string(),
  kind: z.enum(["name", "connection", "request", "part"]),
  name: z.string(),
  port: z.int().optional(),
  address: z.string().optional(),
  via: z.string().optional(),
  method: z.string().optional(),
  path: z.string().optional(),
  verdict: z.enum(["allowed", "refused", "failed"]),
  why: z.string(),
  rule: z.string().optional(),
  sent: z.number().optional(),
  received: z.number().optional(),
  durationMs: z.number().optional(),
});

export type Entry = z.output<typeof ENTRY>;

/** A line read; undefined for what is none, such as the last one of a full disk. */
export function readEntry(line: string): Entry | undefined {
  try {
    return ENTRY.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
