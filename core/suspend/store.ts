import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { LaunchRequest } from "../attach/launch.ts";
import { privateDirectory } from "../config/directories.ts";
import type { Override } from "../config/overrides.ts";
import type { KeyPair } from "../machine/host-keys.ts";
import type { SavedMachine } from "../machine/save.ts";
import { findFrozen, type Template } from "../machine/template/find.ts";
import { syncFile } from "../machine/template/sync.ts";
import { isName } from "../sessions/names.ts";
import { identify, lifeOf } from "../sessions/process-identity.ts";
import { ownerOfStaging, stagingName } from "../sessions/staging.ts";
import { isFailure } from "../support/errors.ts";
import { fail, named, type SavedKind } from "./failures.ts";

/** A session on the disk: what it takes to go on, beside its machine. */
export interface Saved extends SavedCommand {
  readonly version: typeof VERSION;
  /** What it is called here: a suspended session by its own name. */
  readonly name: string;
  /** The name of the session. */
  readonly session: string;
  readonly project: string;
  /** When, ISO 8601 in UTC. */
  readonly saved: string;
  readonly machine: SavedMachine;
  readonly keys: SessionKeys;
  /** What was done in it last, by name (`Done` of core/machine/own-commands.ts), and need not be done again. */
  readonly done?: Readonly<Record<string, string>>;
}

/** How it was started. */
export interface SavedCommand {
  readonly request: LaunchRequest;
  readonly tty: boolean;
  /** What of the configuration was said on the command line. */
  readonly overrides: readonly Override[];
}

/** The keys of the one SSH connection of a session. */
export interface SessionKeys {
  readonly hostKey: KeyPair;
  readonly clientKey: KeyPair;
}

/** A session that is being written. */
export interface SavedDraft {
  /** Where its machine is to be put. */
  readonly machine: string;
  /** Makes it one that can be found. */
  seal(saved: Saved): Promise<void>;
  discard(): Promise<void>;
}

/** Raised when what is in one, or how its machine goes on, changes. */
export const VERSION = 3;
const MANIFEST = "session.json";
const MACHINE = "machine";
const VERSIONED = z.looseObject({ version: z.int() });
const HEAD = z.looseObject({
  name: z.string(), session: z.string(), project: z.string(), saved: z.string(), tty: z.boolean(),
  machine: z.looseObject({ key: z.string(), bytes: z.int() }),
});

/** Where sessions of a kind lie, one folder each; made when it is not there. */
export function savedFolder(stateDir: string, kind: SavedKind): string {
  privateDirectory(stateDir, "XDG_STATE_HOME");
  return privateDirectory(join(stateDir, kind), "XDG_STATE_HOME");
}

/** A private folder for a session that is being written. What one who was killed in the middle of that left, goes. */
export async function draftOf(stateDir: string, kind: SavedKind): Promise<SavedDraft> {
  const folder = savedFolder(stateDir, kind);
  for (const name of await readdir(folder)) {
    const owner = ownerOfStaging(name);
    if (owner && lifeOf(owner) === "ended") await rm(join(folder, name), { recursive: true, force: true });
  }
  const owner = identify(process.pid);
  if (!owner) throw new Error("/proc does not know this process");
  const draft = privateDirectory(join(folder, stagingName(owner)), "XDG_STATE_HOME");
  return {
    machine: privateDirectory(join(draft, MACHINE), "XDG_STATE_HOME"),
    async seal(saved) {
      const keys = Object.fromEntries(Object.entries(saved.keys).map(([key, pair]: [string, KeyPair]) => [key, { ...pair, wireKey: pair.wireKey.toString("base64") }]));
      await writeFile(join(draft, MANIFEST), JSON.stringify({ ...saved, keys }), { mode: 0o600 });
      await syncFile(join(draft, MANIFEST));
      await rename(draft, join(folder, saved.name)).catch((cause: NodeJS.ErrnoException) => {
        throw cause.code === "ENOTEMPTY" || cause.code === "EEXIST" ? fail("SAVED_TAKEN", named(kind, saved.name)) : cause;
      });
      await syncFile(folder);
    },
    discard: () => rm(draft, { recursive: true, force: true }),
  };
}

/** Whether there is one of this name, whole or not. */
export function isSaved(stateDir: string, kind: SavedKind, name: string): boolean {
  return isName(name) && existsSync(join(stateDir, kind, name));
}

/** The sessions of a kind, the latest first; what cannot be read is left out. */
export async function listSaved(stateDir: string, kind: SavedKind): Promise<readonly Saved[]> {
  const found = await Promise.all((await namesOf(stateDir, kind)).map((name) => readSaved(stateDir, kind, name).catch(() => undefined)));
  return found.filter((one) => one !== undefined).sort((a, b) => b.saved.localeCompare(a.saved));
}

/** One of them; throws SAVED_UNKNOWN, SAVED_OTHER or SAVED_DAMAGED. */
export async function readSaved(stateDir: string, kind: SavedKind, name: string): Promise<Saved> {
  const folder = join(stateDir, kind, name);
  if (!isName(name) || !existsSync(join(folder, MANIFEST))) throw fail("SAVED_UNKNOWN", { ...named(kind, name), known: await namesOf(stateDir, kind) });
  try {
    const value = JSON.parse(await readFile(join(folder, MANIFEST), "utf8")) as Saved & { readonly keys: Record<keyof SessionKeys, Omit<KeyPair, "wireKey"> & { readonly wireKey: string }> };
    if (VERSIONED.parse(value).version !== VERSION) throw fail("SAVED_OTHER", { ...named(kind, name), reason: "another version of cloche made it" });
    HEAD.parse(value);
    const pair = (key: keyof SessionKeys): KeyPair => ({ ...value.keys[key], wireKey: Buffer.from(value.keys[key].wireKey, "base64") });
    return { ...value, name, keys: { hostKey: pair("hostKey"), clientKey: pair("clientKey") } };
  } catch (cause) {
    if (isFailure(cause, "SAVED_OTHER")) throw cause;
    throw fail("SAVED_DAMAGED", { ...named(kind, name), reason: "its description cannot be read" }, { cause });
  }
}

/** Its machine, looked at as a template is; throws SAVED_DAMAGED. */
export async function frozenOf(stateDir: string, kind: SavedKind, { name, machine }: Saved, signal: AbortSignal): Promise<Template> {
  const found = await findFrozen(join(stateDir, kind, name, MACHINE), machine.key, { signal });
  if (found.state === "sound") return found.template;
  throw fail("SAVED_DAMAGED", { ...named(kind, name), reason: found.state === "damaged" ? found.reason : "its machine is missing" });
}

/** Removes one; answers whether there was one. Machines that go on from it keep their files open. */
export async function discardSaved(stateDir: string, kind: SavedKind, name: string): Promise<boolean> {
  if (!isSaved(stateDir, kind, name)) return false;
  await rm(join(stateDir, kind, name), { recursive: true, force: true });
  return true;
}

async function namesOf(stateDir: string, kind: SavedKind): Promise<readonly string[]> {
  return (await readdir(join(stateDir, kind)).catch(() => [])).filter(isName);
}
