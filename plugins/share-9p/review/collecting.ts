import { escapeLine, messageOf, withDeadline, type Guest, type Reach } from "../../../core/index.ts";
import { OVERLAY } from "../mount-script.ts";
import type { ShareOptions } from "../options.ts";
import { bytesOf } from "../tree/bytes.ts";
import { COLLECT_SCRIPT } from "./collect-script.ts";
import { hear } from "./frames.ts";
import { Receiver } from "./receive.ts";
import { ChangeStore } from "./store.ts";

const EVERY_S = 2;
const END_MS = 8_000;
const LGETXATTR = { x64: "192", arm64: "9" } as const;

/** The collecting of what the guest changes, all through a session. */
export interface Collecting {
  /** Takes the last look; call it when the agent has ended and the machine still runs. */
  end(): Promise<void>;
  /** Says what there is to review; call it when the machine is gone. */
  tell(): void;
}

/** Begins to collect in the guest what the overlay holds, and keeps it on the host. A session that goes on goes on with what was kept of it. */
export async function beginCollecting(guest: Guest, goesOn: boolean, { options, session, progress, notice, log }: Reach<ShareOptions>): Promise<Collecting> {
  const former = goesOn ? ChangeStore.goOn(session.stateDir, session.project, session.name) : undefined;
  const store = former ?? ChangeStore.make(session.stateDir, session.project, session.name);
  const lgetxattr = LGETXATTR[process.arch as keyof typeof LGETXATTR];
  const argv = ["/usr/bin/perl", "-e", COLLECT_SCRIPT, `${OVERLAY}/over/upper`, `${EVERY_S}`, lgetxattr];
  const channel = await guest.open({ argv, user: "root", cwd: "/" });
  channel.stdin.on("error", () => {}); // it ended; that is noticed below
  channel.stderr.resume();
  let complete = false;
  const receiver = new Receiver(bytesOf(session.project), store, (last) => (complete = last), options.local.map(bytesOf), former !== undefined);
  const heard = hear(channel.stdout, receiver).catch((error: unknown) => {
    notice(`changes are not collected any more: ${escapeLine(messageOf(error))}`);
    channel.close();
  }).finally(() => receiver[Symbol.dispose]());
  return {
    async end() {
      channel.stdin.end("end\n");
      await withDeadline(heard, END_MS, () => new Error("the guest did not tell its last changes in time")).catch((error: unknown) => log("%s", messageOf(error)));
      channel.close();
    },
    tell() {
      const count = store.changes.size;
      if (count === 0) return store.drop();
      const more = complete ? "" : " Not all of them may be there: the session ended too soon.";
      const refused = receiver.refused.size === 0 ? "" : ` ${receiver.refused.size} pipes, sockets or devices were left out.`;
      progress.say(`${count === 1 ? "1 path was" : `${count} paths were`} changed. \`cloche changes\` shows and applies them.${more}${refused}`);
    },
  };
}
