import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { JailNetwork } from "./draft.ts";
import { openDoorway } from "./doorway.ts";
import type { Qmp } from "./qmp.ts";
import type { Bounds } from "./containment.ts";
import { setCapabilities, settled } from "./template/migration.ts";
import { syncFile } from "./template/sync.ts";
import type { Shape } from "./template/shape.ts";

/** What of a machine, beside its state, has to be the same where it goes on. */
export interface SavedMachine {
  readonly shape: Shape;
  /** Which kind of memory QEMU has to be given, so that the state fits. */
  readonly ram: MovedRam;
}

/** QEMU's own memory, or a block of it that goes by the name that templates use. */
export type MovedRam = "moved" | "moved-block";

/** A machine that goes on from its saved state. */
export interface MovedMachine extends SavedMachine {
  readonly state: Buffer;
}

// As for templates: QEMU's jail refuses Unix sockets, and a descriptor by number it refuses itself.
const STATE_PORT = 1;
const DEADLINE_MS = 180_000;
const UNLIMITED = 2 ** 40;

/** Stops a machine for good and writes its memory and devices into a new file of the user's alone. Answers its size in bytes. */
export async function saveState(qmp: Qmp, network: JailNetwork, path: string, bounds: Bounds): Promise<number> {
  const { signal } = bounds;
  const [server] = await openDoorway(network, [{ protocol: "tcp", address: "127.0.0.1", port: STATE_PORT }], bounds);
  await qmp.run("stop", {}, signal);
  await setCapabilities(qmp, { skipMemory: false }, signal);
  await qmp.run("migrate-set-parameters", { "max-bandwidth": UNLIMITED }, signal);
  const gone = settled(qmp, signal, DEADLINE_MS);
  gone.catch(() => {}); // heard below
  const connected = once(server, "connection", { signal }) as Promise<[Duplex]>;
  connected.catch(() => {});
  await qmp.run("migrate", { uri: `tcp:127.0.0.1:${STATE_PORT}` }, signal);
  const [stream] = await connected;
  await Promise.all([pipeline(stream, createWriteStream(path, { flags: "wx", mode: 0o600 })), gone]);
  await syncFile(path);
  return (await stat(path)).size;
}
