import type { Agent as HttpAgent, AgentOptions } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Dialled } from "../dial.ts";
import { Agent } from "./node-http.ts";

/** Why a request could not be passed on. */
export class DialError extends Error {
  /** Whether we did not want to, rather than could not. */
  readonly refused: boolean;

  constructor(why: string, refused: boolean) {
    super(why);
    this.refused = refused;
  }
}

/** Makes a connection to the host of a target; never throws, stops when the signal aborts. */
export type Connect = (signal: AbortSignal) => Promise<Dialled>;

/** Node's HTTP client with one connection at a time, which is made by our own dialling and kept between requests. */
export function dialAgent(connect: Connect, signal: AbortSignal, onAddress: (address: string) => void): HttpAgent {
  class DialAgent extends Agent {
    override createConnection(_options: unknown, done?: (error: Error | null, socket: Duplex) => void): undefined {
      void connect(signal).then((dialled) => {
        if ("why" in dialled) return done?.(new DialError(dialled.why, dialled.refused), new Socket());
        onAddress(dialled.address);
        done?.(null, dialled.socket);
      });
    }
  }
  const options: AgentOptions = { keepAlive: true, maxSockets: 1, maxFreeSockets: 1 };
  return new DialAgent(options);
}
