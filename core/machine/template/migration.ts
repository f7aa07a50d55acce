import { once } from "node:events";
import type { Server } from "node:net";
import type { Duplex } from "node:stream";
import { fail } from "../failures.ts";
import { CHANNELS } from "../qemu-arguments.ts";
import type { Qmp, QmpEvent } from "../qmp.ts";

const DEADLINE_MS = 30_000;
// A machine of a few devices has half a MiB; its memory does not go this way.
const MAX_STATE_BYTES = 64 * 1024 * 1024;

/** Gives a QEMU that waits for it (`-incoming defer`) the state of a frozen machine. Throws MONITOR_FAILED. */
export async function takeState(qmp: Qmp, stream: Duplex, state: Buffer, signal: AbortSignal): Promise<void> {
  await skipMemory(qmp, signal);
  const taken = settled(qmp, signal);
  taken.catch(() => {}); // heard below
  stream.end(state);
  await qmp.run("migrate-incoming", { uri: `fd:${CHANNELS.state}` }, signal);
  await taken;
}

/** Stops a machine and answers its state; its memory, a file, is then whole. `server` listens at the port in its jail's network. */
export async function giveState(qmp: Qmp, server: Server, port: number, signal: AbortSignal): Promise<Buffer> {
  await qmp.run("stop", {}, signal);
  await skipMemory(qmp, signal);
  const gone = settled(qmp, signal);
  gone.catch(() => {}); // heard below
  const connected = once(server, "connection", { signal }) as Promise<[Duplex]>;
  connected.catch(() => {});
  await qmp.run("migrate", { uri: `tcp:127.0.0.1:${port}` }, signal);
  const [stream] = await connected;
  const [state] = await Promise.all([collect(stream), gone]);
  return state;
}

/** The memory stays where it is, in a file that both sides map. */
async function skipMemory(qmp: Qmp, signal: AbortSignal): Promise<void> {
  const capabilities = ["events", "x-ignore-shared"].map((capability) => ({ capability, state: true }));
  await qmp.run("migrate-set-capabilities", { capabilities }, signal);
}

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
