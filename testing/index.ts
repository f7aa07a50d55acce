/** What the author of a plugin tests it with: `import { checkPlugin, inMachine, rehearse } from "cloche/testing"`. */
import { contractProblems } from "../core/outside/contract.ts";
import type { Plugin } from "../core/plugin.ts";

export { fakeHost } from "./fake-host.ts";
export type { Answers, FakeHost, Seen } from "./fake-host.ts";
export { inMachine } from "./in-machine.ts";
export type { MachineEnded, MachineRun } from "./in-machine.ts";
export { rehearse } from "./rehearse.ts";
export type { Rehearsal, Setting } from "./rehearse.ts";

/** Throws, naming all of it, when a plugin does not keep the contract that every plugin has with cloche. */
export function checkPlugin(plugin: Plugin): void {
  const problems = contractProblems(plugin);
  if (problems.length > 0) throw new Error(`the plugin "${plugin.name}" does not keep the contract:\n${problems.map((line) => `  ${line}`).join("\n")}`);
}
