import type { CommandSpec } from "../../core/index.ts";

const commands: readonly CommandSpec[] = [
  {
    name: "report",
    summary: "Show what the project's latest session left that could run on this computer",
    usage: "report [OPTIONS]",
    flags: [{ name: "json", summary: "Answer in JSON, for programs" }],
    operands: { kind: "none" },
    load: () => import("./commands/report.ts"),
  },
];

export default commands;
