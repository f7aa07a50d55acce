import { directories, homeOf } from "../config/directories.ts";
import { findProject } from "../config/project.ts";
import type { Invocation } from "./command.ts";

/** The real path of the project that the command is for; throws when it cannot be one. */
export async function projectOf({ directory, env }: Invocation): Promise<string> {
  return await findProject(directory, directories(env), homeOf(env));
}
