import { z } from "zod";

/** What stood at a path on the host when the guest's change of it was first heard of. */
export const BASE = z.object({
  kind: z.enum(["file", "directory", "link", "other", "nothing"]),
  /** Of a file: whether it may be executed. */
  executable: z.boolean(),
  /** SHA-256 of a file's content, a link's target, or of a directory's list of names, sizes and times; "" for the rest. */
  hash: z.string(),
  /** Number of the kept copy of a file that is not too big. */
  blob: z.number().optional(),
});

/** One change that the guest made, as it may be applied. Everything in it was checked: the guest's word is no more than data. */
export const CHANGE = z.object({
  /** Path in the project, one character for each byte. */
  path: z.string(),
  kind: z.enum(["file", "directory", "link", "nothing"]),
  executable: z.boolean(),
  /** A directory that has nothing of what was in it before. */
  replaces: z.boolean(),
  size: z.number(),
  hash: z.string(),
  /** Number of the kept copy of a file's content, or of a link's target. */
  blob: z.number().optional(),
  base: BASE,
});

export type Base = z.output<typeof BASE>;
export type Change = z.output<typeof CHANGE>;
