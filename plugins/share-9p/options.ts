import { z } from "zod";

const PATH_IN_PROJECT = /^(?!\/)(?!.*(^|\/)\.{0,2}(\/|$))[^\0]+$/;
const inProject = () => z.string().max(1000).regex(PATH_IN_PROJECT, "Write a path in the project, such as .vscode or docs/.envrc");

/** What the user may choose about lending the project. */
export const OPTIONS = z.strictObject({
  freeze: z
    .boolean()
    .default(true)
    .describe("Keep the guest from changing or creating what the host runs by itself: git's settings and hooks, editor tasks, .envrc and the like"),
  freezeExcept: z.array(inProject()).max(100).default([]).describe("Names that are not frozen after all, such as .npmrc or .vscode; .git stands for all of git's"),
  freezeAlso: z.array(inProject()).max(100).default([]).describe("Further paths of the project that the guest may not change or create"),
});

/** The options, checked. */
export type ShareOptions = z.output<typeof OPTIONS>;
