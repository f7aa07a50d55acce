import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** Keeps what Node compiles for the next start, in the user's cache: compiling is a third of the time until a command runs. */
export function keepCompiled(env: Readonly<Record<string, string | undefined>>): void {
  const given = env["XDG_CACHE_HOME"];
  const cache = given !== undefined && isAbsolute(given) ? given : join(env["HOME"] ?? homedir(), ".cache");
  enableCompileCache(join(cache, "cloche", "node"));
}
