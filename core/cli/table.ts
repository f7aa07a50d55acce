import type { Command } from "../commands/command.ts";
import { COMPLETING } from "./completing.ts";
import { CONFIGURING } from "./configuring.ts";
import { SESSIONS } from "./session-commands.ts";

/** An option of the command line. One name means the same for every command that has it. */
export interface FlagSpec {
  /** Without dashes. */
  readonly name: string;
  /** One letter, without its dash. */
  readonly short?: string;
  /** What its value is called in the help; without it the option takes none. */
  readonly value?: string;
  readonly summary: string;
  /** Configuration option that it sets, or for `enable` and `disable`, the switch of a plugin. */
  readonly sets?: string;
}

/** What may follow the options of a command. */
export type Operands =
  /** Nothing; but what follows `--` goes to the agent when `passes` is set. */
  | { readonly kind: "none"; readonly passes?: boolean }
  /** Words, such as the name of a plugin; with `more`, the last one any number of times. */
  | { readonly kind: "words"; readonly names: readonly string[]; readonly least?: number; readonly more?: boolean; readonly passes?: boolean }
  /** A command line: options of ours end at its first word. */
  | { readonly kind: "command" };

/** A command of the command line: what it is called, what it takes, and where its code is. */
export interface CommandSpec {
  /** One word, or two for a command below another. */
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly flags: readonly FlagSpec[];
  readonly operands: Operands;
  /** For programs alone: it is in no help and no completion. */
  readonly hidden?: boolean;
  load(): Promise<{ readonly default: Command }>;
}

/** Options that every command has. */
export const GLOBAL_FLAGS: readonly FlagSpec[] = [
  { name: "help", short: "h", summary: "Show this help, or the help of a command" },
  { name: "version", short: "V", summary: "Show the version" },
  { name: "directory", short: "C", value: "DIRECTORY", summary: "Work on the project in this directory instead of the current one" },
  { name: "set", value: "KEY=VALUE", summary: "Set an option of the configuration for this start" },
  { name: "quiet", short: "q", summary: "Show no progress" },
  { name: "timings", summary: "Show at the end how long each step took" },
];

const MACHINE_FLAGS: readonly FlagSpec[] = [
  { name: "cpus", value: "N", summary: "Number of processors of the machine", sets: "machine.cpus" },
  { name: "memory", value: "SIZE", summary: "Memory of the machine, such as 4GiB", sets: "machine.memory" },
  { name: "accel", value: "MODE", summary: "Accelerator: auto, kvm or tcg", sets: "machine.accel" },
  { name: "enable", value: "PLUGIN", summary: "Enable a plugin for this start", sets: "plugins" },
  { name: "disable", value: "PLUGIN", summary: "Disable a plugin for this start", sets: "plugins" },
  { name: "trust", value: "HASH", summary: "Grant for this start what the project asks for, by its hash" },
];

const SESSION: FlagSpec = { name: "session", value: "NAME", summary: "Use the running session of this name" };
const JOIN: FlagSpec = { name: "join", short: "j", summary: "Use the running session of this project; there must be only one" };
const NAME: FlagSpec = { name: "name", value: "NAME", summary: "Call the session this" };
const DETACH: FlagSpec = { name: "detach", short: "d", summary: "Start it and return; \"cloche attach\" comes to it, \"cloche stop\" ends it" };
const TERMINAL: FlagSpec = { name: "tty", short: "t", summary: "Give the command a terminal" };
const JSON_FLAG: FlagSpec = { name: "json", summary: "Answer in JSON, for programs" };
const NONE: Operands = { kind: "none" };

/** Every command, in the order of the help. The first one is what `cloche` alone does. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: "run",
    summary: "Run the agent on the current project (the default)",
    usage: "[run] [OPTIONS] [-- ARGUMENTS OF THE AGENT…]",
    flags: [DETACH, NAME, ...MACHINE_FLAGS],
    operands: { kind: "none", passes: true },
    load: () => import("../commands/run.ts"),
  },
  {
    name: "shell",
    summary: "Open a login shell in a fresh session, or in a running one",
    usage: "shell [OPTIONS]",
    flags: [DETACH, SESSION, JOIN, NAME, ...MACHINE_FLAGS],
    operands: NONE,
    load: () => import("../commands/shell.ts"),
  },
  {
    name: "exec",
    summary: "Run one command; its streams, signals and exit status pass through",
    usage: "exec [OPTIONS] [--] COMMAND…",
    flags: [TERMINAL, DETACH, SESSION, JOIN, NAME, ...MACHINE_FLAGS],
    operands: { kind: "command" },
    load: () => import("../commands/exec.ts"),
  },
  {
    name: "build",
    summary: "Make the image now",
    usage: "build [OPTIONS]",
    flags: [
      { name: "rebuild", summary: "Make it anew although there is one" },
      { name: "prune", summary: "Remove images that are not needed any more" },
      ...MACHINE_FLAGS,
    ],
    operands: NONE,
    load: () => import("../commands/build.ts"),
  },
  ...SESSIONS,
  {
    name: "port list",
    summary: "List what listens in the guest, and which of it is open on the host",
    usage: "port list [OPTIONS]",
    flags: [SESSION, JSON_FLAG],
    operands: NONE,
    load: () => import("../commands/port-list.ts"),
  },
  {
    name: "port open",
    summary: "Make a port of the guest reachable at 127.0.0.1 of the host",
    usage: "port open PORT [OPTIONS]",
    flags: [SESSION, { name: "at", value: "PORT", summary: "The port on the host; the same one when not given, any free one for 0" }, JSON_FLAG],
    operands: { kind: "words", names: ["PORT"] },
    load: () => import("../commands/port-open.ts"),
  },
  {
    name: "port close",
    summary: "End that a port of the guest can be reached from the host",
    usage: "port close PORT [OPTIONS]",
    flags: [SESSION, JSON_FLAG],
    operands: { kind: "words", names: ["PORT"] },
    load: () => import("../commands/port-close.ts"),
  },
  {
    name: "state list",
    summary: "List what agents left for the next session of each project",
    usage: "state list [OPTIONS]",
    flags: [JSON_FLAG],
    operands: NONE,
    load: () => import("../commands/state-list.ts"),
  },
  {
    name: "state forget",
    summary: "Remove what is kept for a project",
    usage: "state forget [PROJECT] [OPTIONS]",
    flags: [{ name: "all", summary: "Remove what is kept for all projects" }, JSON_FLAG],
    operands: { kind: "words", names: ["PROJECT"], least: 0 },
    load: () => import("../commands/state-forget.ts"),
  },
  ...CONFIGURING,
  {
    name: "doctor",
    summary: "Say what this host can do, what is missing and how to get it",
    usage: "doctor [OPTIONS]",
    flags: [{ name: "fix", summary: "Install what is missing, after asking" }, { name: "report", summary: "Write what a bug report needs to a file, nothing secret in it" }, { name: "attack", summary: "Attack a throw-away session on this host and say what was proven" }, JSON_FLAG],
    operands: NONE,
    load: () => import("../commands/doctor.ts"),
  },
  ...COMPLETING,
];

/** What a group of commands does when only its first word is given. */
export const GROUP_DEFAULTS: Readonly<Record<string, string>> = { changes: "changes list", egress: "egress status", port: "port list", snapshot: "snapshot take", state: "state list", config: "config get", trust: "trust list" };
