import { z } from "zod";

const PATH_IN_PROJECT = /^(?!\/)(?!.*(^|\/)\.{0,2}(\/|$))[^\0]+$/;
const inProject = () => z.string().max(1000).regex(PATH_IN_PROJECT, "Write a path in the project, such as .vscode or docs/.envrc");

/** What the user may choose about lending the project. */
export const OPTIONS = z.strictObject({
  mode: z
    .enum(["live", "readonly", "overlay", "review"])
    .default("live")
    .describe("live: edits land on the host at once. readonly: there are none. overlay: they stay in the guest's memory and go with it. review: likewise, and at the end you choose with `cloche changes` which of them land"),
  freeze: z
    .boolean()
    .default(true)
    .describe("Keep the guest from changing or creating what the host runs by itself: git's settings and hooks, editor tasks, .envrc and the like"),
  freezeExcept: z.array(inProject()).max(100).default([]).describe("Names that are not frozen after all, such as .npmrc or .vscode; .git stands for all of git's"),
  freezeAlso: z.array(inProject()).max(100).default([]).describe("Further paths of the project that the guest may not change or create"),
  local: z
    .array(inProject())
    .max(20)
    .default([])
    .describe("Directories of the project that are the guest's own, in its memory and fast, such as node_modules, target or .venv; nothing in them reaches the host, or comes from there"),
  localSize: z
    .string()
    .regex(/^[1-9]\d*(%|MiB|GiB)$/, 'Write a size such as "2GiB", or a part of the guest\'s memory such as "50%"')
    .default("50%")
    .describe("Most that each of the local directories, or the edits in overlay and review, may take of the guest's memory"),
  keepLocal: z
    .string()
    .regex(/^[1-9]\d{0,3}GiB$/, 'Write a size such as "10GiB"')
    .optional()
    .describe("Keep the local directories from one session of a project to the next, on a disk of at most this size in cloche's state directory; when not given they begin empty"),
  directories: z
    .array(
      z.strictObject({
        path: z.string().regex(/^(\/|~\/)/, "Write an absolute path, or one that begins with ~/").describe("The directory on the host"),
        at: z.string().regex(/^\/[^\0]+$/, "Write an absolute path").optional().describe("Where it is in the guest; the same path when not given"),
        write: z.boolean().default(false).describe("Let the guest write there, with the same names frozen as in the project"),
      }),
    )
    .max(10)
    .default([])
    .describe("Further directories of the host that the guest sees, read-only unless said otherwise; a cache that several projects share is one"),
});

/** The options, checked. */
export type ShareOptions = z.output<typeof OPTIONS>;
