import { fail as usage } from "../cli/failures.ts";
import { directories } from "../config/directories.ts";
import { fail } from "../config/failures.ts";
import type { Option } from "../config/options.ts";
import { showableText } from "../config/show.ts";
import { writeChange } from "../config/write.ts";
import type { Plugin } from "../plugin.ts";
import type { Invocation } from "./command.ts";
import { projectOf } from "./project-of.ts";

/** Checks a value, writes it into the user's own configuration, for this project or for all, and says so. */
export async function change(invocation: Invocation, option: Option, value: unknown, plugins: readonly Plugin[]): Promise<number> {
  const { flags, env, io } = invocation;
  if (flags.has("user") && flags.has("project")) throw usage("USAGE_CONFLICT", { first: "--user", second: "--project" });
  checkValue(option, value);
  refuseUnavailable(option, value, plugins);
  const project = flags.has("user") ? undefined : await projectOf(invocation);
  const file = await writeChange({ directory: directories(env).config, project, path: option.path, value });
  const scope = project === undefined ? "all projects" : `the project ${project}`;
  io.print(`${option.key} is ${showableText(option, value)} for ${scope}, in ${file}.`);
  return 0;
}

function checkValue(option: Option, value: unknown): void {
  const issue = option.schema.safeParse(value).error?.issues[0];
  if (issue) throw fail("CONFIG_VALUE_INVALID", { key: option.key, where: "The command line", reason: issue.message });
}

function refuseUnavailable(option: Option, value: unknown, plugins: readonly Plugin[]): void {
  const [section, name] = option.path;
  const reason = section === "plugins" && value === true ? plugins.find((plugin) => plugin.name === name)?.unavailable : undefined;
  if (reason !== undefined) throw fail("PLUGIN_UNAVAILABLE", { name: name ?? "", reason, where: "this command" });
}
