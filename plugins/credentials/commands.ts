import type { CommandSpec } from "../../core/index.ts";

const commands: readonly CommandSpec[] = [
  {
    name: "config staged",
    summary: "List what of your own configuration would cross into a guest, file by file, and why the rest not",
    usage: "config staged [OPTIONS]",
    flags: [{ name: "json", summary: "Answer in JSON, for programs" }],
    operands: { kind: "none" },
    load: () => import("./commands/staged.ts"),
  },
];

/** What credentials add to the command line. */
export default commands;
