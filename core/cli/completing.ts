import type { CommandSpec } from "./table.ts";

/** The commands by which shells complete our command lines. */
export const COMPLETING: readonly CommandSpec[] = [
  {
    name: "completion",
    summary: "Print what a shell loads so that Tab completes these commands: bash, zsh or fish",
    usage: "completion SHELL",
    flags: [],
    operands: { kind: "words", names: ["SHELL"] },
    load: () => import("../commands/completion.ts"),
  },
  {
    name: "complete",
    summary: "Say what may stand in the place of the last word",
    usage: "complete -- WORDS…",
    flags: [],
    operands: { kind: "none", passes: true },
    hidden: true,
    load: () => import("../commands/complete.ts"),
  },
];
