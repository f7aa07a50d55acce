import type { Readable } from "node:stream";
import type { RunStep } from "../config/provision-section.ts";
import { milliseconds } from "../config/quantities.ts";
import type { CommandEnd, Guest } from "../machine/guest.ts";
import { withDeadline } from "../support/deadline.ts";
import { escapeLine, escapeText } from "../support/escape.ts";
import type { Progress } from "../support/progress.ts";
import { fail } from "./failures.ts";
import type { ProvisionPlan } from "./plan.ts";
import { readCopy } from "./read-copy.ts";

const MOST_SAID = 4_000;
const LONGEST_TITLE = 60;

/** Where the steps are done, and who hears of them. */
export interface Running {
  /** Where the project is in the guest; undefined while it is not there. */
  readonly project: string | undefined;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** Does the steps of a start that come before the mounts, or after them, one after the other. Throws PROVISION_… failures. */
export async function runSteps(guest: Guest, plan: ProvisionPlan, { project, signal, progress }: Running): Promise<void> {
  const isBefore = project === undefined;
  for (const step of plan.steps) {
    if (step.bake || step.beforeMounts !== isBefore) continue;
    signal.throwIfAborted();
    if ("copy" in step) {
      progress.update(undefined, `copying ${escapeLine(step.copy)}`);
      await guest.writeFiles(await readCopy(step, plan));
    } else {
      progress.update(undefined, titleOf(step));
      await runStep(guest, step, project, signal);
    }
  }
}

function titleOf({ run }: RunStep): string {
  const [first = ""] = run.trim().split("\n", 1);
  return escapeLine(first.length > LONGEST_TITLE ? `${first.slice(0, LONGEST_TITLE)}…` : first);
}

async function runStep(guest: Guest, step: RunStep, project: string | undefined, signal: AbortSignal): Promise<void> {
  const deadlineMs = milliseconds(step.deadline);
  const channel = await guest.open({
    // root's own would let nobody else read what it makes
    argv: ["/bin/sh", "-euc", `umask 022\n${step.run}`],
    user: step.as === "root" ? "root" : "agent",
    ...(project !== undefined && { cwd: project }),
  });
  channel.stdin.on("error", () => {}); // it need not read
  channel.stdin.end();
  const said = endOf(channel.stdout, channel.stderr);
  const failed = (how: string) => fail("PROVISION_RUN_FAILED", { step: titleOf(step), how, said: said() });
  try {
    const end = await withDeadline(channel.ended, deadlineMs, () => failed(`took longer than ${step.deadline}`), signal);
    const how = howItFailed(end);
    if (how !== undefined) throw failed(how);
  } catch (error) {
    channel.close();
    throw error;
  }
}

function howItFailed(end: CommandEnd): string | undefined {
  switch (end.kind) {
    case "exit":
      return end.status === 0 ? undefined : `ended with the status ${end.status}`;
    case "signal":
      return `was ended by the signal ${escapeLine(end.signal)}`;
    case "lost":
      return `was lost: ${end.detail}`;
  }
}

/** The end of what both streams said, escaped. */
function endOf(...streams: readonly Readable[]): () => string {
  let said = "";
  for (const stream of streams) stream.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-MOST_SAID)));
  return () => escapeText(said.trim());
}
