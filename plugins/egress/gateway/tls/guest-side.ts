import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { createServer, type SecureContext, type TLSSocket } from "node:tls";

/** How taking TLS off went: the connection as plain bytes, or why the guest did not agree. */
export type Opened = { readonly socket: TLSSocket } | { readonly why: string };

// one for all, so that a client may resume; OpenSSL resumes for the same name only
const TICKET_KEYS = randomBytes(48);

/**
 * Speaks TLS with the guest in the host's place, which is the server; `opening` is what came of it already. Never throws; on
 * failure the connection is closed.
 */
export async function openTls(guest: Socket, opening: Buffer, secureContext: SecureContext, protocols: readonly string[], deadlineMs: number): Promise<Opened> {
  // it never listens: it is Node's only public way to be the server on a connection that is there already
  const server = createServer({
    ALPNProtocols: [...protocols],
    SNICallback: (_name, use) => use(null, secureContext), // the name was compared in the greeting
    handshakeTimeout: deadlineMs,
    ticketKeys: TICKET_KEYS,
  });
  return await new Promise((resolve) => {
    const fail = (why: string): void => {
      guest.destroy();
      resolve({ why });
    };
    server.once("secureConnection", (socket) => {
      guest.removeListener("close", onClose);
      socket.on("error", () => {}); // whoever takes it over adds its own
      resolve({ socket });
    });
    // most often a client that has a list of certificates of its own
    server.once("tlsClientError", ({ message }) => fail(`the client did not agree on TLS with cloche: ${message}`));
    const onClose = (): void => fail("the client hung up instead of agreeing on TLS with cloche");
    guest.once("close", onClose);
    guest.unshift(opening);
    server.emit("connection", guest);
  });
}
