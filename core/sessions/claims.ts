import { readlink, symlink } from "node:fs/promises";
import { join } from "node:path";
import { formatIdentity, lifeOf, parseIdentity, type ProcessIdentity } from "./process-identity.ts";

const MOST_TURNS = 16;

/** The link by which the process whose turn it is holds the right to remove a session's directory; turn 0 is the reaper's. */
export function claimFile(directory: string, turn: number): string {
  return join(directory, `remover-${turn}`);
}

/**
 * Takes the right to remove a directory, unless somebody who lives holds it; answers the link that says so. A holder that died hands
 * over to the next turn, and no link is ever replaced, so two processes never hold the right at once.
 */
export async function claim(directory: string, claimant: ProcessIdentity): Promise<string | undefined> {
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const file = claimFile(directory, turn);
    // Making a link fails when it is there already, and its text comes with it: no moment in which it is empty.
    if (await made(file, formatIdentity(claimant))) return file;
    const holder = await holderOf(file);
    if (holder === undefined || lifeOf(holder) !== "ended") return undefined;
  }
  return undefined;
}

async function made(file: string, text: string): Promise<boolean> {
  return await symlink(text, file).then(() => true, () => false);
}

async function holderOf(file: string): Promise<ProcessIdentity | undefined> {
  return await readlink(file).then(parseIdentity, () => undefined);
}
