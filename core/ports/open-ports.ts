import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import type { Duplex } from "node:stream";
import { messageOf } from "../support/errors.ts";
import { logger } from "../support/log.ts";
import { fail } from "./failures.ts";

const log = logger("ports");
const HERE = "127.0.0.1";
const MOST_PORTS = 32;
const MOST_CONNECTIONS = 256;

/** A port of the guest that is open on the host, at 127.0.0.1 alone. */
export interface OpenPort {
  readonly port: number;
  readonly at: number;
}

/** The ports of one session that its user opened: each connection to one becomes a connection inside the guest. */
export class OpenPorts {
  readonly #dial: (port: number) => Promise<Duplex>;
  readonly #open = new Map<number, { readonly at: number; readonly server: Server; readonly sockets: Set<Socket> }>();

  /** `dial` connects to a port in the guest. */
  constructor(dial: (port: number) => Promise<Duplex>) {
    this.#dial = dial;
  }

  /** What is open, by the guest's port. */
  list(): readonly OpenPort[] {
    return [...this.#open].map(([port, { at }]) => ({ port, at })).sort((a, b) => a.port - b.port);
  }

  /** Opens a port of the guest at `at` of 127.0.0.1, 0 being any; throws PORT_OPEN_ALREADY, PORTS_MANY or PORT_TAKEN. */
  async open(port: number, at: number): Promise<OpenPort> {
    const present = this.#open.get(port);
    if (present) throw fail("PORT_OPEN_ALREADY", { port, at: present.at });
    if (this.#open.size >= MOST_PORTS) throw fail("PORTS_MANY", { most: MOST_PORTS });
    const sockets = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      sockets.add(socket.on("error", () => {}));
      socket.once("close", () => sockets.delete(socket));
      void this.#relay(socket, port);
    });
    server.maxConnections = MOST_CONNECTIONS;
    const entry = { at, server, sockets };
    this.#open.set(port, entry);
    try {
      server.listen({ host: HERE, port: at, exclusive: true });
      await once(server, "listening");
    } catch (cause) {
      this.#open.delete(port);
      throw fail("PORT_TAKEN", { at, reason: reasonOf(cause as NodeJS.ErrnoException) }, { cause });
    }
    const opened = { port, at: (server.address() as { port: number }).port };
    this.#open.set(port, { ...entry, at: opened.at });
    return opened;
  }

  /** Closes it with all its connections; throws PORT_NOT_OPEN. */
  close(port: number): OpenPort {
    const entry = this.#open.get(port);
    if (!entry) throw fail("PORT_NOT_OPEN", { port, open: [...this.#open.keys()] });
    this.#open.delete(port);
    entry.server.close();
    for (const socket of entry.sockets) socket.destroy();
    return { port, at: entry.at };
  }

  /** Closes all, at the session's end. */
  closeAll(): void {
    for (const port of [...this.#open.keys()]) this.close(port);
  }

  async #relay(socket: Socket, port: number): Promise<void> {
    let inside: Duplex | undefined;
    try {
      inside = await this.#dial(port);
      if (socket.destroyed) return void inside.destroy();
      socket.setNoDelay(true);
      await Promise.all([pipeline(socket, inside), pipeline(inside, socket)]);
    } catch (error) {
      log("port %d: %s", port, messageOf(error));
      inside?.destroy();
      socket.resetAndDestroy(); // so that whoever asked sees no empty answer
    }
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === "EADDRINUSE") return "another program listens there";
  if (code === "EACCES") return "ports below 1024 are for root";
  return message;
}
