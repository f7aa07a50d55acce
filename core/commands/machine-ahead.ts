import { directories } from "../config/directories.ts";
import { MachineAhead } from "../machine/ahead/machine-ahead.ts";
import type { Invocation } from "./command.ts";
import { overridesOf } from "./overrides-of.ts";

/** What only measures, or says how to speak to us. */
const OF_NO_MATTER = /^CLOCHE_BENCH_/;

/** A machine like the last one that was started for this project with the same options, still to be begun. Throws USAGE_SET_FORM. */
export function machineAhead(invocation: Invocation, project: string): MachineAhead {
  const { env, signal } = invocation;
  const variables = Object.entries(env).filter(([name]) => name.startsWith("CLOCHE_") && !OF_NO_MATTER.test(name)).sort();
  const key = JSON.stringify({ project, overrides: overridesOf(invocation), variables });
  return new MachineAhead({ cacheDir: directories(env).cache, key, signal });
}
