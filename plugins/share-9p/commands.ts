import type { CommandSpec, FlagSpec, Operands } from "../../core/index.ts";

const JSON_FLAG: FlagSpec = { name: "json", summary: "Answer in JSON, for programs" };
const SESSION: FlagSpec = { name: "session", value: "NAME", summary: "The changes of the session of this name, when several left some" };
const PATHS: Operands = { kind: "words", names: ["PATH"], least: 0, more: true };

const commands: readonly CommandSpec[] = [
  {
    name: "changes list",
    summary: "List what sessions in review mode changed, and how it stands to the project now",
    usage: "changes [list] [OPTIONS]",
    flags: [SESSION, JSON_FLAG],
    operands: { kind: "none" },
    load: () => import("./commands/changes-list.ts"),
  },
  {
    name: "changes diff",
    summary: "Show the changes as a patch, all or of some paths",
    usage: "changes diff [PATH…] [OPTIONS]",
    flags: [SESSION, { name: "output", value: "FILE", summary: "Write the patch to a file, byte for byte, instead of showing it" }],
    operands: PATHS,
    load: () => import("./commands/changes-diff.ts"),
  },
  {
    name: "changes apply",
    summary: "Make the changes in the project, all or of some paths; what is refused is kept",
    usage: "changes apply [PATH…] [OPTIONS]",
    flags: [
      SESSION,
      { name: "hunks", summary: "Ask for each part of each text" },
      { name: "merge", summary: "Where you changed other lines of the same text meanwhile, keep both" },
      { name: "force", summary: "Where you changed the same thing meanwhile, take the session's" },
      { name: "frozen", summary: "Also what runs by itself on this computer, new repositories and links that lead out" },
    ],
    operands: PATHS,
    load: () => import("./commands/changes-apply.ts"),
  },
  {
    name: "changes drop",
    summary: "Forget the changes, all or of some paths",
    usage: "changes drop [PATH…] [OPTIONS]",
    flags: [SESSION],
    operands: PATHS,
    load: () => import("./commands/changes-drop.ts"),
  },
  {
    name: "report",
    summary: "Show what the project's latest session left that could run on this computer",
    usage: "report [OPTIONS]",
    flags: [JSON_FLAG],
    operands: { kind: "none" },
    load: () => import("./commands/report.ts"),
  },
];

export default commands;
