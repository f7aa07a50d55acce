import { fail as usage } from "../cli/failures.ts";
import { COMMANDS } from "../cli/table.ts";
import type { Override } from "../config/overrides.ts";
import type { Invocation } from "./command.ts";

/** The options of the configuration that were given on the command line, in the order typed. */
export function overridesOf({ flags }: Invocation): readonly Override[] {
  const specs = new Map(COMMANDS.flatMap((command) => command.flags).map((spec) => [spec.name, spec]));
  return flags.all.flatMap(({ name, value = "" }): readonly Override[] => {
    if (name === "set") return [setting(value)];
    const sets = specs.get(name)?.sets;
    if (sets === undefined) return [];
    if (sets !== "plugins") return [{ key: sets, text: value, argument: `--${name}` }];
    return [{ key: `plugins.${value}`, text: String(name === "enable"), argument: `--${name} ${value}` }];
  });
}

function setting(given: string): Override {
  const at = given.indexOf("=");
  if (at < 1) throw usage("USAGE_SET_FORM", { given });
  return { key: given.slice(0, at), text: given.slice(at + 1), argument: "--set" };
}
