import { cosmiconfig } from "cosmiconfig";
import { loadConfiguration } from "../../../core/config/load.ts";
import { userLayers } from "../../../core/config/user-file.ts";
import { PLUGINS } from "./fixture.ts";

/**
 * Stands in a checkout, as cloche does, and loads a configuration; when it has ended, whatever could go off has gone off. Prints what
 * came of it. "plain" is cosmiconfig as anybody would use it, and shows that the bomb is live.
 */
const [how, directory = ""] = process.argv.slice(2);

async function outcome(): Promise<unknown> {
  switch (how) {
    case "plain":
      return (await cosmiconfig("cloche").search(directory))?.config;
    case "ours": {
      const configuration = await loadConfiguration({ project: directory, env: process.env, overrides: [], plugins: PLUGINS, purpose: "start" });
      return configuration.entries().filter(({ source }) => source.kind !== "default").map(({ option, value }) => [option.key, value]);
    }
    case "user":
      return await userLayers(directory, undefined);
  }
  throw new Error(`no such way: ${how}`);
}

const said = await outcome().catch((error: unknown) => (error as { code?: string }).code ?? String(error));
process.stdout.write(JSON.stringify(said ?? null));
