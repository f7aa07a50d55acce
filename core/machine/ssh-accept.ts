import type { Duplex } from "node:stream";
import { escapeLine } from "../support/escape.ts";
import { messageOf } from "../support/errors.ts";
import { timed } from "../support/timings.ts";
import { logger } from "../support/log.ts";
import { withDeadline } from "../support/deadline.ts";
import { fail } from "./guest-failures.ts";
import type { Machine } from "./machine.ts";
import { CONSOLE_LINES } from "./console.ts";
import { connectSsh, WrongHostKey, type SshConnection, type SshLogin } from "./ssh.ts";

const log = logger("ssh");
// Whatever runs in the guest can dial us and say nothing; this many are held at once, and the oldest goes first.
const MAX_CANDIDATES = 8;
const HANDSHAKE_DEADLINE_MS = 30_000;
const LATER_MS = 1000;

/**
 * Takes the connections that the guest dials, tries them side by side, and answers the first that shows the session's host key.
 * Throws GUEST_KEY_WRONG, GUEST_SSH_FAILED or GUEST_SILENT when there is none before the deadline.
 */
export async function acceptSsh(machine: Machine, login: SshLogin, deadlineMs: number, signal: AbortSignal): Promise<SshConnection> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const candidates = new Set<Duplex>();
  const failed: unknown[] = [];
  let wrongKeys = 0;

  const first = new Promise<SshConnection>((resolve, reject) => {
    const attempt = async (stream: Duplex): Promise<void> => {
      try {
        const connection = await connectSsh(stream, login, HANDSHAKE_DEADLINE_MS, either);
        candidates.delete(stream);
        if (over.signal.aborted) connection.close();
        resolve(connection);
      } catch (error) {
        candidates.delete(stream);
        if (error instanceof WrongHostKey) wrongKeys += 1;
        failed[0] = error;
        log("a connection was dropped: %s", escapeLine(messageOf(error)));
      }
    };
    const listen = async (): Promise<void> => {
      while (!either.aborted) {
        // A little longer than ours, which says more of what went wrong.
        const stream = await timed("the guest dials", () => machine.accept(deadlineMs + LATER_MS, either));
        stream.on("error", () => {}); // it closes after that, which is what counts
        candidates.add(stream);
        const [oldest] = candidates;
        if (oldest && candidates.size > MAX_CANDIDATES) {
          candidates.delete(oldest);
          oldest.destroy();
        }
        void attempt(stream);
      }
    };
    listen().catch(reject);
  });

  const facts = () => ({ deadlineMs, console: machine.consoleTail(CONSOLE_LINES) });
  const late = () => {
    if (wrongKeys > 0) return fail("GUEST_KEY_WRONG", { ...facts(), count: wrongKeys });
    if (failed.length > 0) return fail("GUEST_SSH_FAILED", { ...facts(), reason: escapeLine(messageOf(failed[0])) });
    return fail("GUEST_SILENT", { ...facts(), what: "did not dial for SSH" });
  };
  try {
    return await withDeadline(first, deadlineMs, late, signal);
  } finally {
    over.abort(new Error("the connection was chosen")); // which closes the others
  }
}
