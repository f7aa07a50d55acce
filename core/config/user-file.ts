import { realpathSync, statSync, type Stats } from "node:fs";
import { dirname, extname } from "node:path";
import { pathToFileURL } from "node:url";
import { withDeadline } from "../support/deadline.ts";
import { messageOf } from "../support/errors.ts";
import { loadData } from "./explorer.ts";
import { exposureOf } from "./exposure.ts";
import { fail } from "./failures.ts";
import type { Layer } from "./layers.ts";
import { plainObject } from "./plain.ts";
import { userFile } from "./places.ts";
import { readText } from "./read.ts";
import { isRaw, type Raw } from "./values.ts";

const LIMIT_KIB = 256;
const DEADLINE_MS = 10_000;

/** The user's own configuration file and what it says; undefined when there is none. It must be the user's alone to write. */
export async function readUserFile(directory: string): Promise<{ file: string; values: Raw } | undefined> {
  const file = userFile(directory);
  if (file === undefined) return undefined;
  // a link is fine here, as long as nobody else can write where it leads
  const text = await readText(file, { limitKiB: LIMIT_KIB, approve: (stat, real) => needOwn(file, stat, real) });
  const values = extname(file) === ".mjs" ? plainObject(await runModule(file), file) : await loadData(file, text);
  return { file, values: values ?? {} };
}

/** The user's layers: what his file says for all projects, and above it what it says for this one by its real path. */
export async function userLayers(directory: string, project: string | undefined): Promise<readonly Layer[]> {
  const found = await readUserFile(directory);
  if (!found) return [];
  const { file } = found;
  const { projects = {}, ...values } = found.values;
  const layers: Layer[] = [{ source: { kind: "user", where: file }, values }];
  if (!isRaw(projects)) throw fail("CONFIG_INVALID", { problems: [`${file}: projects: this must be an object with a section for each path`] });
  for (const [path, section] of Object.entries(projects)) {
    checkPath(file, path, project);
    if (path !== project) continue;
    if (!isRaw(section)) throw fail("CONFIG_INVALID", { problems: [`${file}: projects.${JSON.stringify(path)}: this must be an object`] });
    layers.push({ source: { kind: "user, this project", where: file }, values: section });
  }
  return layers;
}

/** A section under a name that never matches would be silently out of force. */
function checkPath(file: string, path: string, project: string | undefined): void {
  const where = `${file}: projects.${JSON.stringify(path)}`;
  if (!path.startsWith("/")) throw fail("CONFIG_INVALID", { problems: [`${where}: write the absolute path of a project`] });
  if (project === undefined || path === project || realOrNothing(path) !== project) return;
  throw fail("CONFIG_INVALID", { problems: [`${where}: write the real path, ${JSON.stringify(project)}`] });
}

function realOrNothing(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function needOwn(file: string, stat: Stats, real: string): void {
  const directory = dirname(real);
  const uid = process.getuid?.() ?? stat.uid;
  for (const [path, facts] of [[real, stat], [directory, statSync(directory)]] as const) {
    const exposure = exposureOf(path, facts, uid);
    if (exposure) throw fail("CONFIG_EXPOSED", { file, ...exposure });
  }
}

async function runModule(file: string): Promise<unknown> {
  const late = () => fail("CONFIG_LATE", { file, deadlineMs: DEADLINE_MS });
  const loading = import(pathToFileURL(file).href) as Promise<{ default?: unknown }>;
  try {
    return (await withDeadline(loading, DEADLINE_MS, late)).default;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "CONFIG_LATE") throw cause;
    throw fail("CONFIG_FAILED", { file, reason: messageOf(cause) }, { cause });
  }
}
