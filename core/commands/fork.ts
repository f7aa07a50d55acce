import { randomBytes } from "node:crypto";
import { directories } from "../config/directories.ts";
import { launchDetached } from "../supervisor/launch.ts";
import { fail } from "../suspend/failures.ts";
import { discardSaved } from "../suspend/store.ts";
import type { Invocation } from "./command.ts";
import { isAtTerminal } from "./at-terminal.ts";
import { takeSnapshot } from "./take-snapshot.ts";
import { whichSession } from "./which-session.ts";

const MOST = 16;

/** `cloche fork [SESSION] -n N`: N further sessions that go on from where a running one is, each with a seed of its own. That one goes on too. */
export default async function fork(invocation: Invocation): Promise<number> {
  const { env, io, flags, words, rest } = invocation;
  const { runtime, state } = directories(env);
  const count = countOf(flags.value("count") ?? "1");
  const session = await whichSession(invocation, words[0]);
  const snapshot = `fork-${randomBytes(8).toString("hex")}`;
  io.progress.step(`Copying ${session.name}`);
  try {
    await takeSnapshot(invocation, runtime, session, { name: snapshot, ownFiles: !flags.has("shared") });
    const argv = ["snapshot", "start", snapshot, ...(rest.length > 0 ? ["--", ...rest] : [])];
    const names: string[] = [];
    for (let copy = 0; copy < count; copy += 1) {
      names.push(await launchDetached({ ...invocation, argv }, isAtTerminal(invocation)));
      if (!flags.has("json")) io.print(names.at(-1) ?? "");
    }
    if (flags.has("json")) io.printJson({ of: session.name, sessions: names });
    return 0;
  } finally {
    await discardSaved(state, "snapshots", snapshot); // those that came of it have its files open
  }
}

function countOf(given: string): number {
  const count = /^\d{1,3}$/.test(given) ? Number(given) : 0;
  if (count < 1 || count > MOST) throw fail("FORK_COUNT", { given, most: MOST });
  return count;
}
