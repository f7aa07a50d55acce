import { once } from "node:events";
import type { Server } from "node:net";
import type { Duplex } from "node:stream";
import { fail } from "../failures.ts";
import { CHANNELS } from "../qemu-arguments.ts";
import type { Qmp, QmpEvent } from "../qmp.ts";

const DEADLINE_MS = 30_000;
// A machine of a few devices has half a MiB; its memory does not go this way.
const MAX_STATE_BYTES = 64 * 1024 * 1024;

/** What a machine goes on from, beside its memory, which lies in a file: the state of its devices. */
export interface MachineState {
  readonly bytes: Buffer;
  /** Whether it was taken without a header that says how. */
  readonly isBare: boolean;
}

/** Gives a QEMU that waits for it (`-incoming defer`) the state of a frozen machine. Throws MONITOR_FAILED. */
export async function takeState(qmp: Qmp, stream: Duplex, { bytes, isBare }: MachineState, signal: AbortSignal): Promise<void> {
  // what has no header knows of no such agreement, and has nothing of the memory anyway
  await setCapabilities(qmp, { skipMemory: !isBare }, signal);
  const taken = settled(qmp, signal);
  taken.catch(() => {}); // heard below
  stream.end(bytes);
  await qmp.run("migrate-incoming", { uri: `fd:${CHANNELS.state}` }, signal);
  await taken;
}

/** Stops a machine and answers its state; its memory, a file, is then whole. `server` listens at the port in its jail's network. */
export async function giveState(qmp: Qmp, server: Server, port: number, signal: AbortSignal): Promise<Buffer> {
  await qmp.run("stop", {}, signal);
  await setCapabilities(qmp, { skipMemory: true }, signal);
  const gone = settled(qmp, signal);
  gone.catch(() => {}); // heard below
  const connected = once(server, "connection", { signal }) as Promise<[Duplex]>;
  connected.catch(() => {});
  await qmp.run("migrate", { uri: `tcp:127.0.0.1:${port}` }, signal);
  const [stream] = await connected;
  const [state] = await Promise.all([collect(stream), gone]);
  return state;
}

/** `skipMemory` is for memory that stays where it is, in a file that both sides map. */
async function setCapabilities(qmp: Qmp, { skipMemory }: { readonly skipMemory: boolean }, signal: AbortSignal): Promise<void> {
  const capabilities = [{ capability: "events", state: true }, { capability: "x-ignore-shared", state: skipMemory }];
  await qmp.run("migrate-set-capabilities", { capabilities }, signal);
}

/** Waits until a machine's state has been given or taken; call it before that begins. Throws MONITOR_FAILED. */
async function settled(qmp: Qmp, signal: AbortSignal): Promise<void> {
  const status = await qmp.until("the machine's state", endOf, DEADLINE_MS, signal);
  if (status !== "completed") throw fail("MONITOR_FAILED", { what: "the machine's state", detail: `it was not taken (${status})` });
}

function endOf({ event, data }: QmpEvent): string | undefined {
  const status = data?.["status"];
  return event === "MIGRATION" && (status === "completed" || status === "failed") ? status : undefined;
}

async function collect(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_STATE_BYTES) throw fail("MONITOR_FAILED", { what: "the machine's state", detail: "it has no end" });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
