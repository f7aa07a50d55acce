import { directories } from "../config/directories.ts";
import { fail } from "../config/failures.ts";
import { userLayers } from "../config/user-file.ts";
import { valueAt } from "../config/values.ts";
import { writeChange } from "../config/write.ts";
import type { Invocation } from "./command.ts";
import { optionNamed } from "./option-named.ts";

/**
 * Adds items to a list in the section of the user's own configuration that is for this project, and answers the file. A list there
 * replaces the one for all projects, so it begins with what that one says. Throws CONFIG_VALUE_INVALID, and what writing throws.
 */
export async function addToOption(invocation: Invocation, project: string, key: string, items: readonly unknown[]): Promise<string> {
  const { config: directory } = directories(invocation.env);
  const { option } = await optionNamed(invocation, key);
  const layers = await userLayers(directory, project);
  const present = layers.map(({ values }) => valueAt(values, option.path)).findLast((value) => value !== undefined);
  const list: readonly unknown[] = Array.isArray(present) ? present : [];
  const known = new Set(list.map((item) => JSON.stringify(item)));
  const value = [...list, ...items.filter((item) => !known.has(JSON.stringify(item)))];
  const issue = option.schema.safeParse(value).error?.issues[0];
  if (issue) throw fail("CONFIG_VALUE_INVALID", { key, where: "The command line", reason: issue.message });
  return await writeChange({ directory, project, path: option.path, value });
}
