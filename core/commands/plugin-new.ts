import { existsSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { directories } from "../config/directories.ts";
import { fail } from "../outside/failures.ts";
import { pluginTemplate } from "../outside/template.ts";
import { packageRoot } from "../support/package-root.ts";
import type { Invocation } from "./command.ts";

/** `cloche plugin new`: writes a plugin that works, with a test, and says what to do with it. */
export default async function newPlugin({ words, flags, env, directory, io }: Invocation): Promise<number> {
  const [name = ""] = words;
  if (!/^[a-z][a-z0-9-]{0,60}$/.test(name)) throw fail("PLUGIN_NEW_NAME", { name });
  const given = flags.value("in");
  const folder = join(given === undefined ? join(directories(env).config, "plugins") : resolve(directory, given), name);
  if (existsSync(folder)) throw fail("PLUGIN_NEW_TAKEN", { folder });
  await mkdir(folder, { recursive: true, mode: 0o755 });
  for (const { path, content } of pluginTemplate(name)) await writeFile(join(folder, path), content);
  await linkForEditors(folder);
  io.print(`${folder} holds the plugin "${name}", with a test.`);
  io.print(`  cloche plugin test ${folder}      tries it`);
  io.print(`  cloche plugin enable ${folder}    switches it on in this project`);
  return 0;
}

/** Editors look there for the types; the program finds itself without it. */
async function linkForEditors(folder: string): Promise<void> {
  await mkdir(join(folder, "node_modules"));
  await symlink(packageRoot(), join(folder, "node_modules/cloche"));
}
