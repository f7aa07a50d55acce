import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { escapeText, withDeadline, type Guest, type GuestChannel } from "../../core/index.ts";
import { fail } from "./failures.ts";
import type { GuestText } from "./git/guest-files.ts";
import type { Loan } from "./lend.ts";
import { MOUNT_OPTIONS, MOUNT_SCRIPT } from "./mount-script.ts";

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

const MOUNT_MS = 30_000;
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
  const argv = ["/usr/lib/cloche/busybox", "sh", "-c", MOUNT_SCRIPT, "sh", how, tag, target, options, tmpfsSize(size), kept, ...local];
  // The script stays, so that ending it costs no new command in the guest.
  const channel = await guest.open({ argv, user: "root", cwd: "/" });
  channel.stdin.on("error", () => {}); // it ended already; what it answers, or does not, tells
  const words = lastWords(channel.stderr);
  const answers = createInterface({ input: channel.stdout })[Symbol.asyncIterator]();
  let answered: RegExpExecArray | null;
  try {
    const late = () => fail("SHARE_NOT_MOUNTED", { target, reason: `it took longer than ${MOUNT_MS / 1000} s` });
    const { value } = await withDeadline(answers.next(), MOUNT_MS, late, signal);
    if (value === "taken") throw fail("SHARE_PLACE_TAKEN", { target });
    answered = /^mounted( again)?(?: (made|unclean))?$/.exec(value ?? "");
    if (!answered) throw fail("SHARE_NOT_MOUNTED", { target, reason: await reasonOf(channel, words) });
  } catch (error) {
    channel.close();
    throw error;
  }
  return {
    put({ how, path, mode, text }) {
      channel.stdin.write(`${how} ${mode.toString(8)} ${path} ${forPrintf(text)}\n`);
    },
    isAgain: answered[1] !== undefined,
    foundKept: answered[2] as MountedShare["foundKept"],
    async end() {
      const answer = await ask(channel, answers, kept === "" ? END_MS : END_KEPT_MS);
      if (answer === "free") return undefined;
      if (answer === "busy") return "the share was still in use; all that was written is on the host";
      // Somebody in the guest ended the script; unless the machine is gone, what was written can still be brought home.
      if ((await channel.ended).kind !== "lost") await guest.run(["sync", "-f", target], { deadlineMs: SYNC_MS });
      return `the share's keeper was gone: ${words()}`;
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

async function ask(channel: GuestChannel, answers: AsyncIterator<string>, deadlineMs: number): Promise<string | undefined> {
  channel.stdin.end("end\n");
  const late = () => new Error(`the share was not free after ${deadlineMs} ms`);
  const { value } = await withDeadline(answers.next(), deadlineMs, late);
  return value;
}

async function reasonOf(channel: GuestChannel, words: () => string): Promise<string> {
  const end = await channel.ended;
  return words() || (end.kind === "lost" ? end.detail : "it did not say why");
}

/** The end of what a stream said, escaped. */
function lastWords(stream: Readable): () => string {
  let said = "";
  stream.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-MOST_WORDS);
  });
  return () => escapeText(said.trim());
}
