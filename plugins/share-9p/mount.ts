import { escapeText, isFailure, messageOf, withDeadline, type Guest } from "../../core/index.ts";
import { fail } from "./failures.ts";
import type { GuestText } from "./git/guest-files.ts";
import { Keeper } from "./keeper.ts";
import type { Loan } from "./lend.ts";
import { KEEP_SCRIPT, MOUNT_OPTIONS, MOUNT_SCRIPT } from "./mount-script.ts";

/** A share that is mounted in the guest, until it is ended. */
export interface MountedShare {
  /** Puts a text into a file of the guest, soon, if the guest is able to; the file's path has no spaces. */
  put(text: GuestText): void;
  /** Whether edits lie above it that were made before: the machine goes on from another session's. */
  readonly isAgain: boolean;
  /** What the guest said of the disk on which local directories are kept. */
  readonly foundKept: "made" | "unclean" | undefined;
  /** Takes it away, so that all that was written is on the host. Answers what is worth noting, if anything. */
  end(): Promise<string | undefined>;
}

const SHELL = ["/usr/lib/cloche/busybox", "sh", "-c"];
const MOUNT_MS = 30_000;
const LATER_MS = 1_000;
const END_MS = 5_000;
/** What was written to a disk last may be much; a tap of teardown may take 10 s. */
const END_KEPT_MS = 9_000;
const SYNC_MS = 3_000;
const MOST_WORDS = 2_000;

/** Where local directories and edits are kept in the guest. */
export interface MountSetting {
  /** What each may take of its memory, as in share.localSize. */
  readonly size: string;
  /** Serial number of the disk that has them instead of memory. */
  readonly kept?: string | undefined;
}

/** Mounts a share at an absolute path of the guest; throws SHARE_PLACE_TAKEN or SHARE_NOT_MOUNTED. */
export async function mountShare(guest: Guest, loan: Loan, { size, kept = "" }: MountSetting, signal: AbortSignal): Promise<MountedShare> {
  const { tag, target, readOnly, overlay, local } = loan;
  const options = readOnly ? `${MOUNT_OPTIONS},ro` : MOUNT_OPTIONS;
  const how = overlay ? "overlay" : "plain";
  // By a command of our own, which need not wait for SSH.
  const late = () => fail("SHARE_NOT_MOUNTED", { target, reason: `it took longer than ${MOUNT_MS / 1000} s` });
  const mounting = guest.run([...SHELL, MOUNT_SCRIPT, "sh", how, tag, target, options, tmpfsSize(size), kept, ...local], { deadlineMs: MOUNT_MS + LATER_MS });
  const said = await withDeadline(mounting, MOUNT_MS, late, signal).then(({ stdout }) => stdout.trim(), (cause: unknown) => {
    signal.throwIfAborted();
    throw isFailure(cause, "SHARE_NOT_MOUNTED") ? cause : fail("SHARE_NOT_MOUNTED", { target, reason: messageOf(cause) }, { cause });
  });
  const answer = said.split("\n").at(-1);
  if (answer === "taken") throw fail("SHARE_PLACE_TAKEN", { target });
  const answered = /^mounted( again)?(?: (made|unclean))?$/.exec(answer ?? "");
  if (!answered) throw fail("SHARE_NOT_MOUNTED", { target, reason: escapeText(said.slice(-MOST_WORDS)) || "it did not say why" });
  const keeper = new Keeper(guest.start([...SHELL, KEEP_SCRIPT, "sh", how, tag, target, kept, ...local]));
  return {
    put({ how, path, mode, text }) {
      keeper.tell(`${how} ${mode.toString(8)} ${path} ${forPrintf(text)}\n`);
    },
    isAgain: answered[1] !== undefined,
    foundKept: answered[2] as MountedShare["foundKept"],
    async end() {
      const answer = await keeper.end(kept === "" ? END_MS : END_KEPT_MS);
      if (answer === "free") return undefined;
      if (answer === "busy") return "the share was still in use; all that was written is on the host";
      // Somebody in the guest ended the script; unless the machine is gone, what was written can still be brought home.
      if (!(await keeper.isLost())) await guest.run(["sync", "-f", target], { deadlineMs: SYNC_MS });
      return `the share's keeper was gone: ${keeper.words()}`;
    },
  };
}

/** One word that printf's %b in the guest makes the text of again. */
function forPrintf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1").replaceAll(/[^\w/.-]/g, (byte) => `\\0${byte.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

/** "2GiB" as tmpfs(5) writes it. */
function tmpfsSize(size: string): string {
  return size.replace(/iB$/, "").toLowerCase();
}
