import type { Loader } from "cosmiconfig";
import { withDeadline } from "../support/deadline.ts";
import { fail } from "./failures.ts";
import { plainObject } from "./plain.ts";
import type { Raw } from "./values.ts";

const DEADLINE_MS = 10_000;

const CODE = [".js", ".cjs", ".mjs", ".ts", ".cts", ".mts"];

/**
 * The values of one configuration file that is data: cosmiconfig takes the key `cloche` of a package.json and parses JSON and YAML.
 * It parses the given text, which is what was checked, and not what the file may hold by now. Undefined when a package.json has no
 * such key.
 */
export async function loadData(file: string, text: string): Promise<Raw | undefined> {
  if (text.split("\n").every((line) => /^\s*(#|$)/.test(line))) return {};
  const { cosmiconfig, defaultLoaders } = await import("cosmiconfig");
  const data = (parse: Loader, format: string): Loader => (path) => trimmed(parsed(parse, path, text, format), path);
  const refuse: Loader = (path) => {
    throw fail("CONFIG_CODE", { file: path });
  };
  const yaml = data(defaultLoaders[".yaml"], "YAML");
  const loaders: Record<string, Loader> = { ".json": data(defaultLoaders[".json"], "JSON"), ".yaml": yaml, ".yml": yaml, noExt: yaml };
  // cosmiconfig merges these over its own loaders, so leaving a kind of code out would let it run
  for (const ending of CODE) loaders[ending] = refuse;

  const explorer = inOurDirectory(() => cosmiconfig("cloche", { searchPlaces: [], loaders, searchStrategy: "none", cache: false }));
  // somebody may replace the file while cosmiconfig opens it, say by a fifo that it would wait for
  const late = () => fail("CONFIG_LATE", { file, deadlineMs: DEADLINE_MS });
  const found = await withDeadline(explorer.load(file), DEADLINE_MS, late);
  return found === null ? undefined : plainObject(found.config as unknown, file);
}

/**
 * Merely making an explorer runs `.config/config.js` (.cjs, .mjs, .ts) of the current directory, and lets `.config/config.json` and
 * the key `cosmiconfig` of package.json there redirect the search. The current directory is a stranger's project, so we stand in our
 * own meanwhile; cosmiconfig does all that before it returns.
 */
function inOurDirectory<T>(make: () => T): T {
  const here = process.cwd();
  process.chdir(import.meta.dirname);
  try {
    return make();
  } finally {
    process.chdir(here);
  }
}

function parsed(parse: Loader, file: string, text: string, format: string): unknown {
  try {
    return parse(file, text);
  } catch (cause) {
    const reason = (cause as Error).message.replace(`${format} Error in ${file}:\n`, "");
    throw fail("CONFIG_SYNTAX", { file, format, reason }, { cause });
  }
}

/** What cosmiconfig may see: nothing by which it would load more, and of a package.json only our key. */
function trimmed(values: unknown, file: string): unknown {
  if (!file.endsWith("/package.json")) return plainObject(values, file);
  if (typeof values !== "object" || values === null || !("cloche" in values)) return {};
  return { cloche: plainObject(values.cloche, file) };
}
