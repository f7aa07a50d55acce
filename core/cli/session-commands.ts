import type { CommandSpec, FlagSpec } from "./table.ts";

const SESSION: FlagSpec = { name: "session", value: "NAME", summary: "Use the running session of this name" };
const JSON_FLAG: FlagSpec = { name: "json", summary: "Answer in JSON, for programs" };

/** The commands about sessions that run or have run, in the order of the help. */
export const SESSIONS: readonly CommandSpec[] = [
  {
    name: "attach",
    summary: "Come to a detached session; Ctrl-\\ twice leaves it running",
    usage: "attach [NAME] [OPTIONS]",
    flags: [
      { name: "take", summary: "Take it over from another terminal" },
      { name: "detach-keys", value: "KEYS", summary: "What leaves it, such as ctrl-p,ctrl-q" },
    ],
    operands: { kind: "words", names: ["NAME"], least: 0 },
    load: () => import("../commands/attach.ts"),
  },
  {
    name: "stop",
    summary: "End a session, as if its command had ended",
    usage: "stop [NAME] [OPTIONS]",
    flags: [{ name: "all", summary: "End all of your sessions" }, JSON_FLAG],
    operands: { kind: "words", names: ["NAME"], least: 0 },
    load: () => import("../commands/stop.ts"),
  },
  {
    name: "suspend",
    summary: "Put a detached session on the disk; its command ends, its machine does not",
    usage: "suspend [NAME] [OPTIONS]",
    flags: [JSON_FLAG],
    operands: { kind: "words", names: ["NAME"], least: 0 },
    load: () => import("../commands/suspend.ts"),
  },
  {
    name: "resume",
    summary: "Go on with a suspended session: its machine as it was, its command anew",
    usage: "resume [NAME] [OPTIONS] [-- ARGUMENTS OF THE AGENT…]",
    flags: [{ name: "detach", short: "d", summary: "Go on and return" }],
    operands: { kind: "words", names: ["NAME"], least: 0, passes: true },
    load: () => import("../commands/resume.ts"),
  },
  {
    name: "snapshot take",
    summary: "Put a copy of a running session's machine on the disk; the session goes on",
    usage: "snapshot [take [SESSION]] [OPTIONS]",
    flags: [{ name: "as", value: "NAME", summary: "Call the snapshot this" }, JSON_FLAG],
    operands: { kind: "words", names: ["SESSION"], least: 0 },
    load: () => import("../commands/snapshot-take.ts"),
  },
  {
    name: "snapshot list",
    summary: "List the snapshots and the room they take",
    usage: "snapshot list [OPTIONS]",
    flags: [JSON_FLAG],
    operands: { kind: "none" },
    load: () => import("../commands/snapshot-list.ts"),
  },
  {
    name: "snapshot start",
    summary: "Start a further session from a snapshot, detached",
    usage: "snapshot start [SNAPSHOT] [OPTIONS] [-- ARGUMENTS OF THE AGENT…]",
    flags: [{ name: "name", value: "NAME", summary: "Call the session this" }],
    operands: { kind: "words", names: ["SNAPSHOT"], least: 0, passes: true },
    load: () => import("../commands/snapshot-start.ts"),
  },
  {
    name: "snapshot forget",
    summary: "Remove snapshots",
    usage: "snapshot forget [SNAPSHOT…] [OPTIONS]",
    flags: [{ name: "all", summary: "Remove all of them" }, JSON_FLAG],
    operands: { kind: "words", names: ["SNAPSHOT"], least: 0, more: true },
    load: () => import("../commands/snapshot-forget.ts"),
  },
  {
    name: "rollback",
    summary: "Have a session go on from a snapshot of it: its machine as it was then, its command anew",
    usage: "rollback [SNAPSHOT] [OPTIONS] [-- ARGUMENTS OF THE AGENT…]",
    flags: [],
    operands: { kind: "words", names: ["SNAPSHOT"], least: 0, passes: true },
    load: () => import("../commands/rollback.ts"),
  },
  {
    name: "fork",
    summary: "Start further sessions from where a running one is; it goes on too",
    usage: "fork [SESSION] [OPTIONS] [-- ARGUMENTS OF THE AGENT…]",
    flags: [
      { name: "count", short: "n", value: "N", summary: "How many, 1 when not given" },
      { name: "shared", summary: "Although all of them edit the project itself" },
      JSON_FLAG,
    ],
    operands: { kind: "words", names: ["SESSION"], least: 0, passes: true },
    load: () => import("../commands/fork.ts"),
  },
  {
    name: "ls",
    summary: "List the running sessions",
    usage: "ls [OPTIONS]",
    flags: [JSON_FLAG],
    operands: { kind: "none" },
    load: () => import("../commands/ls.ts"),
  },
  {
    name: "logs",
    summary: "Show what a session said, also of one that has ended",
    usage: "logs [NAME] [OPTIONS]",
    flags: [SESSION, { name: "follow", short: "f", summary: "Go on until the session ends" }, JSON_FLAG],
    operands: { kind: "words", names: ["NAME"], least: 0 },
    load: () => import("../commands/logs.ts"),
  },
  {
    name: "top",
    summary: "Show what each session uses of processor, memory, disk and network",
    usage: "top [OPTIONS]",
    flags: [{ name: "once", summary: "Show it once and end" }, JSON_FLAG],
    operands: { kind: "none" },
    load: () => import("../commands/top.ts"),
  },
];
