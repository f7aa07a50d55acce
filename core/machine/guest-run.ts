import type { Readable } from "node:stream";
import { withDeadline } from "../support/deadline.ts";
import { escapeLine } from "../support/escape.ts";
import { fail } from "./guest-failures.ts";
import type { CommandEnd, CommandOutput, GuestChannel } from "./guest.ts";

/** Most that a command of ours may say on each stream, in bytes. */
export const MAX_OUTPUT_BYTES = 1024 * 1024;
const MAX_SHOWN = 2000;
const MAX_NAME = 120;

/**
 * Waits for a command of ours, from its opening on, and answers its output; its failures name the command as `argv` says. One that has not
 * ended by then is given up: killed, when nothing else is said.
 */
export async function finish(
  opening: Promise<GuestChannel>,
  argv: readonly string[],
  input: string | Uint8Array,
  deadlineMs: number,
  giveUp: (channel: GuestChannel) => void = kill,
): Promise<CommandOutput> {
  let isOver = false;
  const command = `"${escapeLine(argv.join(" ").slice(0, MAX_NAME))}"`;
  const stderr: Buffer[] = [];
  const said = () => Buffer.concat(stderr).toString("utf8").trim().slice(-MAX_SHOWN);
  const tooLong = () => fail("GUEST_OUTPUT_TOO_LONG", { command, maxBytes: MAX_OUTPUT_BYTES });
  const late = () => fail("GUEST_COMMAND_LATE", { command, deadlineMs, stderr: said() });
  const work = opening.then(async (channel) => {
    channel.stdin.end(input);
    return await Promise.all([collect(channel.stdout, [], tooLong), collect(channel.stderr, stderr, tooLong), channel.ended]);
  });
  try {
    const [stdout, , end] = await withDeadline(work, deadlineMs, late);
    isOver = true;
    if (end.kind === "lost") throw fail("GUEST_LOST", { detail: end.detail });
    if (end.kind !== "exit" || end.status !== 0) throw fail("GUEST_COMMAND_FAILED", { command, how: how(end), stderr: said() });
    return { stdout: stdout.toString("utf8"), stderr: Buffer.concat(stderr).toString("utf8") };
  } catch (error) {
    if (!isOver) opening.then(giveUp, () => {});
    throw error;
  }
}

function kill(channel: GuestChannel): void {
  channel.signal("KILL");
  channel.close();
}

function how(end: Exclude<CommandEnd, { kind: "lost" }>): string {
  return end.kind === "exit" ? `ended with status ${end.status}` : `was ended by the signal ${escapeLine(end.signal)}`;
}

async function collect(stream: Readable, chunks: Buffer[], tooLong: () => Error): Promise<Buffer> {
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_OUTPUT_BYTES) throw tooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
