import { existsSync, readdirSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadFile } from "../support/bundled.ts";
import { COMMANDS, type CommandSpec } from "./table.ts";

const BUILT_IN = fileURLToPath(new URL("../../plugins", import.meta.url));

/** The core's commands and then those that built-in plugins bring: the default export of `commands.ts` in a plugin's folder. */
export async function everyCommand(folder: string = BUILT_IN): Promise<readonly CommandSpec[]> {
  const files = readdirSync(folder).sort().map((name) => join(folder, name, `commands${extname(import.meta.url)}`));
  const modules = await Promise.all(files.filter((file) => existsSync(file)).map((file) => loadFile(file) as Promise<{ default: readonly CommandSpec[] }>));
  return [...COMMANDS, ...modules.flatMap(({ default: commands }) => commands)];
}
