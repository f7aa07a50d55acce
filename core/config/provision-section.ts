import { isAbsolute, normalize } from "node:path";
import { z } from "zod";
import { duration } from "./quantities.ts";

const placing = {
  beforeMounts: z.boolean().default(false).describe("At each start, before the project is there instead of after it"),
  bake: z.boolean().default(false).describe("Once, when the image is made, instead of at each start; in the network of the host"),
};

const RUN = z.strictObject({
  run: z.string().min(1).max(65_536).describe("Lines of shell; the first that fails ends the start"),
  as: z.enum(["user", "root"]).default("user").describe("Whose the commands are: the agent's user or root, both in the guest"),
  deadline: duration().default("10m").describe("Longest time it may take"),
  ...placing,
});

const COPY = z.strictObject({
  copy: z.string().min(1).max(4096).describe("A file or folder of the host: a path from the directory of your configuration, or an absolute one"),
  to: z
    .string()
    .refine((path) => isAbsolute(path) && normalize(path) === path && path.length > 1, "Write an absolute path of the guest, without . and ..")
    .describe("Where it goes in the guest; below /home/agent it belongs to the agent's user, elsewhere to root"),
  ...placing,
});

/** What is done in the guest without a plugin: a list of steps, in their order. */
export const PROVISION = z.array(z.union([RUN, COPY])).max(100).default([]).describe("What is run in the guest or copied into it, in this order: {run: …} or {copy: …, to: …}");

/** One step of it, checked. */
export type ProvisionStep = z.output<typeof RUN> | z.output<typeof COPY>;
/** A step that runs something. */
export type RunStep = z.output<typeof RUN>;
/** A step that copies something. */
export type CopyStep = z.output<typeof COPY>;
