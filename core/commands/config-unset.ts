import { fail as usage } from "../cli/failures.ts";
import { directories } from "../config/directories.ts";
import { writeChange } from "../config/write.ts";
import type { Invocation } from "./command.ts";
import { optionNamed } from "./option-named.ts";
import { projectOf } from "./project-of.ts";

/** `cloche config unset KEY`: takes a value out of the user's own configuration, for this project or for all. */
export default async function unsetConfiguration(invocation: Invocation): Promise<number> {
  const { words, flags, env, io } = invocation;
  const [key = ""] = words;
  if (flags.has("user") && flags.has("project")) throw usage("USAGE_CONFLICT", { first: "--user", second: "--project" });
  const { option } = await optionNamed(invocation, key);
  const project = flags.has("user") ? undefined : await projectOf(invocation);
  const file = await writeChange({ directory: directories(env).config, project, path: option.path, value: undefined });
  io.print(`${option.key} is not set for ${project === undefined ? "all projects" : `the project ${project}`} any more, in ${file}.`);
  return 0;
}
