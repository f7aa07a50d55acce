import type { CommandSpec, FlagSpec } from "../../core/index.ts";

const SESSION: FlagSpec = { name: "session", value: "NAME", summary: "Use the running session of this name" };
const JSON_FLAG: FlagSpec = { name: "json", summary: "Answer in JSON, for programs" };
const ALWAYS: FlagSpec = { name: "always", summary: "Also for later sessions of the project, as a rule in your own configuration" };

const commands: readonly CommandSpec[] = [
  {
    name: "egress status",
    summary: "Show what a session's guest may reach, what waits for your answer, and what is open",
    usage: "egress status [OPTIONS]",
    flags: [SESSION, JSON_FLAG],
    operands: { kind: "none" },
    load: () => import("./commands/status.ts"),
  },
  {
    name: "egress allow",
    summary: "Let a session's guest reach hosts, or what waits by its number",
    usage: "egress allow RULE|NUMBER… [OPTIONS]",
    flags: [SESSION, { name: "once", summary: "Only the connections that wait now" }, ALWAYS],
    operands: { kind: "words", names: ["RULE|NUMBER"], more: true },
    load: () => import("./commands/allow.ts"),
  },
  {
    name: "egress deny",
    summary: "Refuse hosts, or what waits by its number; open connections to them are closed",
    usage: "egress deny RULE|NUMBER… [OPTIONS]",
    flags: [SESSION, ALWAYS],
    operands: { kind: "words", names: ["RULE|NUMBER"], more: true },
    load: () => import("./commands/deny.ts"),
  },
  {
    name: "egress open",
    summary: "Let a session's guest reach every public address, still through the gateway",
    usage: "egress open [OPTIONS]",
    flags: [SESSION, { name: "for", value: "TIME", summary: "Only for this long, such as 10m" }],
    operands: { kind: "none" },
    load: () => import("./commands/open.ts"),
  },
  {
    name: "egress close",
    summary: "Back to what the rules name; connections that only the opening allowed are closed",
    usage: "egress close [OPTIONS]",
    flags: [SESSION],
    operands: { kind: "none" },
    load: () => import("./commands/close.ts"),
  },
  {
    name: "egress log",
    summary: "Show what the gateway of the newest session decided, also after its end",
    usage: "egress log [OPTIONS]",
    flags: [{ name: "session", value: "NAME", summary: "Use the session of this name" }, { name: "follow", short: "f", summary: "Go on with what is decided from now on" }, { ...JSON_FLAG, summary: "One JSON object a line, for programs" }],
    operands: { kind: "none" },
    load: () => import("./commands/log.ts"),
  },
  {
    name: "egress replay",
    summary: "Say what the rules as they are now would have done to a session's log",
    usage: "egress replay LOG [OPTIONS]",
    flags: [JSON_FLAG],
    operands: { kind: "words", names: ["LOG"], least: 0 },
    load: () => import("./commands/replay.ts"),
  },
];

/** What egress adds to the command line. */
export default commands;
