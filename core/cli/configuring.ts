import type { CommandSpec, FlagSpec, Operands } from "./table.ts";

const JSON_FLAG: FlagSpec = { name: "json", summary: "Answer in JSON, for programs" };
const SCOPE: readonly FlagSpec[] = [
  { name: "project", summary: "For the current project only (the default)" },
  { name: "user", summary: "For all your projects" },
];
const COVERS: FlagSpec = { name: "covers", value: "DIRECTORY", summary: "For every project below this directory that asks for exactly the same" };
const NONE: Operands = { kind: "none" };

/** The commands about plugins, trust and the configuration, in the order of the help. */
export const CONFIGURING: readonly CommandSpec[] = [
  {
    name: "plugin list",
    summary: "List the plugins, who switched them on or off, and their options",
    usage: "plugin list [PLUGIN] [OPTIONS]",
    flags: [JSON_FLAG],
    operands: { kind: "words", names: ["PLUGIN"], least: 0 },
    load: () => import("../commands/plugin-list.ts"),
  },
  {
    name: "plugin enable",
    summary: "Enable a plugin, by its name or by where it lies",
    usage: "plugin enable PLUGIN [OPTIONS]",
    flags: SCOPE,
    operands: { kind: "words", names: ["PLUGIN"] },
    load: () => import("../commands/plugin-enable.ts"),
  },
  {
    name: "plugin disable",
    summary: "Disable a plugin",
    usage: "plugin disable PLUGIN [OPTIONS]",
    flags: SCOPE,
    operands: { kind: "words", names: ["PLUGIN"] },
    load: () => import("../commands/plugin-disable.ts"),
  },
  {
    name: "plugin new",
    summary: "Write a plugin of your own that works, with a test, for you to change",
    usage: "plugin new NAME [OPTIONS]",
    flags: [{ name: "in", value: "DIRECTORY", summary: "Make its folder here instead of in the directory of your configuration" }],
    operands: { kind: "words", names: ["NAME"] },
    load: () => import("../commands/plugin-new.ts"),
  },
  {
    name: "plugin test",
    summary: "Try a plugin: load it on this host, hold it against the contract, run the tests beside it",
    usage: "plugin test FILE-OR-FOLDER",
    flags: [],
    operands: { kind: "words", names: ["FILE-OR-FOLDER"] },
    load: () => import("../commands/plugin-test.ts"),
  },
  {
    name: "trust list",
    summary: "Show what this project asks for beyond what it may decide itself, and your answers",
    usage: "trust [list] [OPTIONS]",
    flags: [JSON_FLAG],
    operands: NONE,
    load: () => import("../commands/trust-list.ts"),
  },
  {
    name: "trust accept",
    summary: "Grant it, after showing it, or by the hash of what you saw",
    usage: "trust accept [HASH] [OPTIONS]",
    flags: [COVERS],
    operands: { kind: "words", names: ["HASH"], least: 0 },
    load: () => import("../commands/trust-accept.ts"),
  },
  {
    name: "trust refuse",
    summary: "Refuse it, without being asked again until it changes",
    usage: "trust refuse [HASH] [OPTIONS]",
    flags: [COVERS],
    operands: { kind: "words", names: ["HASH"], least: 0 },
    load: () => import("../commands/trust-refuse.ts"),
  },
  {
    name: "trust forget",
    summary: "Take your answer back",
    usage: "trust forget [OPTIONS]",
    flags: [COVERS],
    operands: NONE,
    load: () => import("../commands/trust-forget.ts"),
  },
  {
    name: "config get",
    summary: "Show the configuration, or one key of it, and where each value comes from",
    usage: "config [get] [KEY] [OPTIONS]",
    flags: [JSON_FLAG],
    operands: { kind: "words", names: ["KEY"], least: 0 },
    load: () => import("../commands/config-get.ts"),
  },
  {
    name: "config set",
    summary: "Write a value into your own configuration",
    usage: "config set KEY VALUE [OPTIONS]",
    flags: SCOPE,
    operands: { kind: "words", names: ["KEY", "VALUE"] },
    load: () => import("../commands/config-set.ts"),
  },
  {
    name: "config unset",
    summary: "Take a value out of your own configuration",
    usage: "config unset KEY [OPTIONS]",
    flags: SCOPE,
    operands: { kind: "words", names: ["KEY"] },
    load: () => import("../commands/config-unset.ts"),
  },
  {
    name: "config schema",
    summary: "Print the JSON schema of your configuration, the plugins that you load included, for editors",
    usage: "config schema",
    flags: [],
    operands: NONE,
    load: () => import("../commands/config-schema.ts"),
  },
];
