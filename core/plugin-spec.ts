import { z } from "zod";
import { fail } from "./failures.ts";
import type { Hooks, Phase } from "./hooks.ts";
import { didYouMean } from "./support/suggest.ts";

// written out, since hooks.ts would load tapable, which only a session needs
const PHASES = Object.keys({ build: 1, boot: 1, provision: 1, attach: 1, teardown: 1 } satisfies Record<Phase, 1>);
const METHODS = [...PHASES, "tap"];
const DATA = ["name", "api", "description", "section", "options", "onByDefault", "project", "after", "needs", "unavailable"];
const NAME = /^[a-z][a-z0-9-]{0,60}$/;

/** What `definePlugin` was given, before anything of it is believed: a plugin may be written without its types being checked. */
export function checkSpec(spec: object): void {
  const given = spec as Readonly<Record<string, unknown>>;
  const name = typeof given["name"] === "string" ? given["name"] : "?";
  const refuse = (problem: string) => fail("PLUGIN_SPEC", { plugin: name, problem });
  if (!NAME.test(name)) throw refuse("its name must be of small letters, digits and dashes");
  if (typeof given["description"] !== "string") throw refuse("it has no description");
  if (!(given["options"] instanceof z.ZodObject)) throw refuse('its options are no z.strictObject of the z that "cloche" exports');
  for (const [key, value] of Object.entries(given)) {
    if (!METHODS.includes(key) && !DATA.includes(key)) {
      const known = [...METHODS, ...DATA];
      throw refuse(`it has "${key}", which is neither a phase nor anything else known.${didYouMean(key, known)} Phases there are: ${PHASES.join(", ")}`);
    }
    if (METHODS.includes(key) && value !== undefined && typeof value !== "function") throw refuse(`its "${key}" is no function`);
  }
  checkRights(given, given["options"], refuse);
}

function checkRights(given: Readonly<Record<string, unknown>>, options: z.ZodObject, refuse: (problem: string) => Error): void {
  const { set = [] } = (given["project"] ?? {}) as { readonly set?: readonly string[] };
  for (const option of set) {
    if (Object.hasOwn(options.shape, option)) continue;
    const known = Object.keys(options.shape);
    throw refuse(`it lets projects set the option "${option}", which it does not have.${didYouMean(option, known)}`);
  }
  for (const other of [...((given["after"] as readonly string[] | undefined) ?? []), ...((given["needs"] as readonly string[] | undefined) ?? [])]) {
    if (other === given["name"]) throw refuse("it wants to come after itself");
  }
}

/** The hooks for one plugin's hand: a phase that does not exist is named, rather than met as undefined. */
export function namedHooks(hooks: Hooks, plugin: string): Hooks {
  return new Proxy(hooks, {
    get(target, phase) {
      if (typeof phase === "symbol" || Object.hasOwn(target, phase)) return target[phase as keyof Hooks];
      throw fail("PLUGIN_PHASE_UNKNOWN", { plugin, phase, suggestion: didYouMean(phase, PHASES), known: PHASES.join(", ") });
    },
  });
}
