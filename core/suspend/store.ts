import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { LaunchRequest } from "../attach/launch.ts";
import { privateDirectory } from "../config/directories.ts";
import type { KeyPair } from "../machine/host-keys.ts";
import type { SavedMachine } from "../machine/save.ts";
import { syncFile } from "../machine/template/sync.ts";
import { isName } from "../sessions/names.ts";
import { fail } from "./failures.ts";

/** A session on the disk: what it takes to go on, beside the state of its machine. */
export interface Suspended {
  readonly version: 1;
  readonly name: string;
  readonly project: string;
  /** When, ISO 8601 in UTC. */
  readonly suspended: string;
  /** Names QEMU, image, devices and processor; another one cannot take the state. */
  readonly machineKey: string;
  readonly machine: SavedMachine;
  readonly keys: SessionKeys;
  readonly request: LaunchRequest;
  readonly tty: boolean;
  readonly stateBytes: number;
}

/** The keys of the one SSH connection of a session. */
export interface SessionKeys {
  readonly hostKey: KeyPair;
  readonly clientKey: KeyPair;
}

const MANIFEST = "session.json";
const STATE = "state";
const HEAD = z.looseObject({ version: z.literal(1), name: z.string(), project: z.string(), suspended: z.string(), machineKey: z.string(), stateBytes: z.int() });

/** Where suspended sessions lie, one folder each; made when it is not there. */
export function suspendedFolder(stateDir: string): string {
  privateDirectory(stateDir, "XDG_STATE_HOME");
  return privateDirectory(join(stateDir, "suspended"), "XDG_STATE_HOME");
}

/** A private folder for a session that is being written; the last write and `seal` make it one that can be found. */
export async function draftOf(stateDir: string, name: string): Promise<{ readonly state: string; seal(suspended: Suspended): Promise<void>; discard(): Promise<void> }> {
  const draft = join(suspendedFolder(stateDir), `.new-${name}`);
  await rm(draft, { recursive: true, force: true });
  privateDirectory(draft, "XDG_STATE_HOME");
  return {
    state: join(draft, STATE),
    async seal(suspended) {
      const keys = Object.fromEntries(Object.entries(suspended.keys).map(([key, pair]: [string, KeyPair]) => [key, { ...pair, wireKey: pair.wireKey.toString("base64") }]));
      await writeFile(join(draft, MANIFEST), JSON.stringify({ ...suspended, keys }), { mode: 0o600 });
      await syncFile(join(draft, MANIFEST));
      await rm(join(suspendedFolder(stateDir), name), { recursive: true, force: true });
      await rename(draft, join(suspendedFolder(stateDir), name));
    },
    discard: () => rm(draft, { recursive: true, force: true }),
  };
}

/** The suspended sessions, the latest first; what cannot be read is left out. */
export async function listSuspended(stateDir: string): Promise<readonly Suspended[]> {
  const names = await readdir(join(stateDir, "suspended")).catch(() => []);
  const found = await Promise.all(names.filter(isName).map((name) => readSuspended(stateDir, name).catch(() => undefined)));
  return found.filter((one) => one !== undefined).sort((a, b) => b.suspended.localeCompare(a.suspended));
}

/** One suspended session; throws SUSPENDED_UNKNOWN or SUSPENDED_DAMAGED. */
export async function readSuspended(stateDir: string, name: string): Promise<Suspended> {
  const folder = join(stateDir, "suspended", name);
  if (!isName(name) || !existsSync(join(folder, MANIFEST))) throw fail("SUSPENDED_UNKNOWN", { name, known: (await listNames(stateDir)) });
  let value: Suspended & { readonly keys: Record<keyof SessionKeys, Omit<KeyPair, "wireKey"> & { readonly wireKey: string }> };
  try {
    value = HEAD.parse(JSON.parse(await readFile(join(folder, MANIFEST), "utf8"))) as unknown as typeof value;
  } catch (cause) {
    throw fail("SUSPENDED_DAMAGED", { name, reason: "its description cannot be read" }, { cause });
  }
  const bytes = (await stat(join(folder, STATE)).catch(() => undefined))?.size;
  if (bytes !== value.stateBytes) throw fail("SUSPENDED_DAMAGED", { name, reason: `its state has ${bytes ?? "no"} bytes instead of ${value.stateBytes}` });
  const pair = (key: keyof SessionKeys): KeyPair => ({ ...value.keys[key], wireKey: Buffer.from(value.keys[key].wireKey, "base64") });
  return { ...value, keys: { hostKey: pair("hostKey"), clientKey: pair("clientKey") } };
}

/** The state of its machine. */
export async function readState(stateDir: string, name: string): Promise<Buffer> {
  return await readFile(join(stateDir, "suspended", name, STATE));
}

/** Removes it: it goes on now, or never. Answers whether there was one. */
export async function discardSuspended(stateDir: string, name: string): Promise<boolean> {
  const folder = join(stateDir, "suspended", name);
  if (!isName(name) || !existsSync(folder)) return false;
  await rm(folder, { recursive: true, force: true });
  return true;
}

async function listNames(stateDir: string): Promise<readonly string[]> {
  return (await readdir(join(stateDir, "suspended")).catch(() => [])).filter(isName);
}
