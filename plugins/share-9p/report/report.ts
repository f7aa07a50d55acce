import { z } from "zod";

/** What a finding is about, in the order in which it is told, each with its words. */
export const KINDS = {
  repository: "a repository that was not there: git runs what its settings and hooks say",
  frozen: "what the host runs by itself",
  replaced: "frozen, and replaced on the host meanwhile",
  rebase: "a rebase that is not finished: going on with it runs what it says",
  link: "a link that leads out of the project",
  special: "a pipe, which programs wait at",
  scripts: "scripts of a package",
  runs: "what you run to build, test or deploy",
  instructions: "what agents read as their orders",
  packages: "packages or builds, which were not looked into",
  executable: "a program",
} as const;

/** One thing that appeared or changed in a session. */
export const FINDING = z.object({
  kind: z.enum(Object.keys(KINDS) as [keyof typeof KINDS, ...(keyof typeof KINDS)[]]),
  /** Relative to the project. */
  path: z.string(),
  /** What of it, such as the names of scripts; "" when the path says it all. */
  detail: z.string(),
});

/** What a session left in the project that could run on the host. */
export const REPORT = z.object({
  version: z.literal(1),
  session: z.string(),
  project: z.string(),
  /** ISO 8601 in UTC. */
  ended: z.string(),
  findings: z.array(FINDING),
  /** How many more there were of a kind that had too many. */
  more: z.number(),
  /** Why not everything was looked at; absent when it was. */
  incomplete: z.string().optional(),
});

export type Finding = z.output<typeof FINDING>;
export type Report = z.output<typeof REPORT>;
