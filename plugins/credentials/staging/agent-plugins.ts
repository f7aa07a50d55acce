import { join } from "node:path";
import { GUEST } from "./places.ts";
import type { Staging } from "./staging.ts";
import { secretIn } from "./suspicious.ts";
import { readTree } from "./tree.ts";

const FOLDER = "plugins";
const HISTORY = /(^|\/)\.git(\/|$)/;

/** Stages the agent's plugins as they are installed; paths in their registers become those of the guest. */
export function stagePlugins(configDir: string, staging: Staging): void {
  const path = join(configDir, FOLDER);
  const tree = readTree(configDir, path);
  if (tree.missing) return;
  if (tree.refused !== undefined) return void staging.leave("plugins", path, tree.refused);
  for (const { name, why } of tree.left) staging.leave("plugins", join(path, name), why);
  for (const { name, content, executable } of tree.files) {
    const from = join(path, name);
    if (HISTORY.test(name)) continue; // the history of a marketplace may hold how it was fetched
    const secret = secretIn(content.toString("latin1"));
    if (secret !== undefined) {
      staging.leave("plugins", from, `it seems to hold ${secret}`);
      continue;
    }
    const isRegister = !name.includes("/") && name.endsWith(".json");
    const moved = isRegister ? content.toString("utf8").replaceAll(configDir, GUEST.agentConfig) : content;
    staging.stage({ kind: "plugins", path: `${GUEST.agentConfig}/${FOLDER}/${name}`, content: moved, mode: executable ? 0o755 : 0o644, from });
  }
}
