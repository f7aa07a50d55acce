import { z } from "zod";
import { optionsOf, sectionsOf } from "../config/options.ts";
import { CORE_SECTIONS } from "../config/sections.ts";
import { makeHooks, PHASES } from "../hooks.ts";
import type { Plugin, Reach } from "../plugin.ts";
import { messageOf } from "../support/errors.ts";

/**
 * What a plugin does not keep of the contract that all plugins have, one line each; empty when all is well. It runs nothing of the
 * plugin but its taps, which must not do anything yet.
 */
export function contractProblems(plugin: Plugin): readonly string[] {
  return [...described(plugin), ...optionProblems(plugin), ...tapProblems(plugin)];
}

function described({ description, section }: Plugin): readonly string[] {
  return [
    ...(description.trim().length < 10 ? ["its description is no sentence"] : []),
    ...(/\n/.test(description) ? ["its description has more than one line"] : []),
    ...(section in CORE_SECTIONS || section === "plugins" || section === "projects" ? [`its section "${section}" is cloche's own`] : []),
  ];
}

function optionProblems(plugin: Plugin): readonly string[] {
  try {
    const options = optionsOf(sectionsOf([plugin])).filter(({ path }) => path[0] === plugin.section && path.length > 1);
    const variables = options.map(({ variable }) => variable);
    z.toJSONSchema(plugin.options, { io: "input" });
    return [
      ...options.filter(({ description }) => description === "").map(({ key }) => `its option ${key} has no description: .describe("…")`),
      ...variables.filter((variable, index) => variables.indexOf(variable) !== index).map((variable) => `two of its options have the variable ${variable}`),
    ];
  } catch (error) {
    return [`its options cannot be used: ${messageOf(error)}`];
  }
}

/** Taps a session's hooks with options that are not there yet, as the check of the order of plugins does. */
function tapProblems(plugin: Plugin): readonly string[] {
  const deadlineMs = { build: 1, boot: 1, provision: 1, attach: 1, teardown: 1 };
  const hooks = makeHooks({ signal: new AbortController().signal, deadlineMs, onTeardownError() {} });
  const touched: string[] = [];
  const reachWith = <O>(options: O) =>
    new Proxy({ options } as Reach<O>, {
      get(target, name) {
        if (name !== "options") touched.push(String(name));
        return name === "options" ? target.options : () => undefined;
      },
    });
  try {
    plugin.install(hooks, plugin.options.safeParse({}).data ?? {}, reachWith);
  } catch (error) {
    return [`it cannot tap the hooks: ${messageOf(error)}`];
  }
  const taps = PHASES.flatMap((phase) => hooks[phase].taps.map(({ name }) => ({ phase, name })));
  return [
    ...touched.map((name) => `it uses "${name}" before any phase has come`),
    ...(taps.length === 0 && plugin.unavailable === undefined ? ["it has a part in no phase"] : []),
    ...taps.filter(({ name }) => name !== plugin.name).map(({ phase, name }) => `its tap in ${phase} is called "${name}", not "${plugin.name}"`),
  ];
}
