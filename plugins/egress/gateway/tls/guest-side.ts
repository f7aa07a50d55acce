import type { Socket } from "node:net";
import { TLSSocket, type SecureContext } from "node:tls";

/** How taking TLS off went: the connection as plain bytes, or why the guest did not agree. */
export type Opened = { readonly socket: TLSSocket } | { readonly why: string };

/**
 * Speaks TLS with the guest in the host's place, which is the server; `opening` is what came of it already. Never throws; on
 * failure the connection is closed.
 */
export async function openTls(guest: Socket, opening: Buffer, secureContext: SecureContext, protocols: readonly string[], deadlineMs: number): Promise<Opened> {
  guest.unshift(opening);
  const socket = new TLSSocket(guest, { isServer: true, secureContext, ALPNProtocols: [...protocols] });
  return await new Promise((resolve) => {
    socket.on("error", () => {}); // whoever takes it over adds its own
    const settle = (outcome: Opened): void => {
      clearTimeout(timer);
      socket.removeListener("secure", onSecure).removeListener("error", onError).removeListener("_tlsError", onError).removeListener("close", onClose);
      if ("why" in outcome) socket.destroy();
      resolve(outcome);
    };
    const onSecure = (): void => settle({ socket });
    // most often a client that has a list of certificates of its own
    const onError = (error: Error): void => settle({ why: `the client did not agree on TLS with cloche: ${error.message}` });
    const onClose = (): void => settle({ why: "the client did not agree on TLS with cloche, most likely for its certificate" });
    const timer = setTimeout(() => settle({ why: "the client did not agree on TLS in time" }), deadlineMs);
    socket.once("secure", onSecure).once("error", onError).once("_tlsError", onError).once("close", onClose);
  });
}
