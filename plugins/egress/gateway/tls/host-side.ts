import { connect as connectTls, type TLSSocket } from "node:tls";
import type { Target } from "../connections/door.ts";
import type { Dial } from "../dial.ts";
import type { ContextFor } from "./host-trust.ts";

/** A connection to the host over TLS, whose certificate was verified; or why there is none. */
export type Secured = { readonly socket: TLSSocket; readonly address: string } | { readonly why: string; readonly refused: boolean };

const HANDSHAKE_MS = 10_000;

/** What connecting to a host over TLS needs. */
export interface HostSide {
  readonly dial: Dial;
  readonly contextFor: ContextFor;
}

/** Dials, and speaks TLS under the name that was checked, offering these protocols. Never throws; stops when the signal aborts. */
export async function secureDial({ name, port }: Target, { dial, contextFor }: HostSide, protocols: readonly string[], signal: AbortSignal): Promise<Secured> {
  const dialled = await dial(name, port, signal);
  if ("why" in dialled) return dialled;
  const { socket: plain, address } = dialled;
  return await new Promise((resolve) => {
    const socket = connectTls({ socket: plain, servername: name, ALPNProtocols: [...protocols], secureContext: contextFor(`${name}:${port}`) });
    socket.on("error", () => {}); // whoever takes it over adds its own
    const settle = (outcome: Secured): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.removeListener("secureConnect", onSecure).removeListener("error", onError).removeListener("close", onClose);
      if ("why" in outcome) socket.destroy();
      resolve(outcome);
    };
    const give = (why: string): void => settle({ why, refused: false });
    const onAbort = (): void => give("the guest hung up");
    const onSecure = (): void => settle({ socket, address });
    const onError = (error: Error): void => give(`cannot be trusted or does not speak TLS: ${error.message}`);
    const onClose = (): void => give("closed the connection before TLS was agreed");
    const timer = setTimeout(() => give("does not agree on TLS in time"), HANDSHAKE_MS);
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("secureConnect", onSecure).once("error", onError).once("close", onClose);
    if (signal.aborted) onAbort();
  });
}
