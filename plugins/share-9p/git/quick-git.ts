import { randomBytes } from "node:crypto";
import { lstatSync } from "node:fs";
import { Disposers, openDoorway, type Machine, type Reach } from "../../../core/index.ts";
import type { Loan } from "../lend.ts";
import type { MountedShare } from "../mount.ts";
import type { ShareOptions } from "../options.ts";
import { below, bytesOf, toBuffer, type Bytes } from "../tree/bytes.ts";
import { kindAt } from "../tree/look.ts";
import { answerGit, CHANGES_PORT } from "./answering.ts";
import { guestFilesFor } from "./guest-files.ts";
import { History } from "./history.ts";

/** Of an index with about a hundred files, which git looks at in the time that asking takes. */
const SMALL_INDEX_BYTES = 10_000;

/** Whether asking is worth its time in a project, as it is now: in a small repository it is not. */
export function isWorthAsking(root: Bytes): boolean {
  if (kindAt(root, ".git") !== "directory" || kindAt(root, ".git/index") !== "file") return true;
  const { size } = lstatSync(toBuffer(below(root, ".git/index")), { throwIfNoEntry: false }) ?? { size: 0 };
  return size >= SMALL_INDEX_BYTES;
}

/**
 * Has the guest's git know from the host what changed, which the host sees whoever changed it. Where the guest's edits do not reach the
 * host, the host knows nothing of them, and git looks itself. Answers when the guest's git asks; nothing waits for that.
 */
export async function beginQuickGit(machine: Pick<Machine, "network">, loan: Loan, mounted: MountedShare, reach: Reach<ShareOptions>): Promise<void> {
  const atOnce = isWorthAsking(bytesOf(loan.source)) ? guestFilesFor(loan.target, undefined) : undefined;
  if (atOnce === undefined) return;
  // before anything is awaited: the first command may be git
  for (const file of atOnce) mounted.put(file);
  if (loan.readOnly) return;
  const word = randomBytes(16).toString("hex");
  await openDoor(machine, loan, word, reach);
  for (const file of guestFilesFor(loan.target, word) ?? []) if (file.how === "write") mounted.put(file);
}

async function openDoor(machine: Pick<Machine, "network">, { source, target, local }: Loan, word: string, reach: Reach<ShareOptions>): Promise<void> {
  const scope = new Disposers();
  await reach.defer("end the answers to the guest's git", () => scope.close());
  const ended = new AbortController();
  await scope.defer("end its looking", () => ended.abort());
  const signal = AbortSignal.any([reach.signal, ended.signal]);
  const [door] = await openDoorway(machine.network, [{ protocol: "tcp", address: "127.0.0.1", port: CHANGES_PORT }], { scope, signal });
  const history = new History(bytesOf(source), { local: local.map(bytesOf), signal });
  answerGit(door, { word, target: bytesOf(target), history, signal });
}
