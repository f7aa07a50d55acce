import { z } from "zod";
import { host, source } from "../secrets/options.ts";

const path = z.string().regex(/^[\w.~-]+(\/[\w.~-]+)+$/, 'Write the path of a repository without ".git", such as me/project');

/** Hosts of git repositories that the guest may use with the user's token. */
export const repositories = z.record(host, z.strictObject({
  source: source.describe("Where the token comes from: env, file, command or keyring"),
  user: z.string().regex(/^[\w.@-]{1,100}$/).default("x-access-token").describe("Name that goes with the token"),
  push: z.array(path).max(100).default([]).describe("Repositories that the guest may push to and fetch from"),
  fetch: z.array(path).max(100).default([]).describe("Repositories that the guest may fetch from alone"),
}));

/** The table as it reaches the plugin. */
export type Repositories = z.output<typeof repositories>;
