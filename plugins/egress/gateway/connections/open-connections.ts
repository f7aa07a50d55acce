import type { Socket } from "node:net";
import { isLiteral, type Destination } from "../../names/destination.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Audit } from "../audit.ts";

/** A connection from the guest that was not refused, while it lasts. */
export interface OpenConnection {
  readonly name: Destination;
  readonly port: number;
  /** The address that was dialled for it last. */
  address: string | undefined;
  /** The proxy or the option that chose where it went; its choice is not for the policy to judge. */
  via: string | undefined;
  /** The user said yes to this one, which no rule covers. */
  granted: boolean;
  /** Everybody has said yes to it. */
  admitted: boolean;
  /** Its requests are seen, so that rules about them are kept. */
  seen: boolean;
  /** Why we closed it, when we did. */
  readonly closedWhy: string | undefined;
}

/** One of them as it is shown. */
export interface ConnectionFacts {
  readonly name: string;
  readonly port: number;
  readonly address?: string;
  readonly sent: number;
  readonly received: number;
  readonly seconds: number;
}

/** Every connection that is open now, so that a changed policy applies to them too, and the audit does not miss the last ones. */
export class OpenConnections {
  readonly #open = new Set<Entry>();

  get size(): number {
    return this.#open.size;
  }

  /** Takes a connection in until its socket is closed. */
  add(guest: Socket, name: Destination, port: number): OpenConnection {
    const entry = new Entry(guest, name, port);
    this.#open.add(entry);
    guest.once("close", () => this.#open.delete(entry));
    return entry;
  }

  list(): readonly ConnectionFacts[] {
    return [...this.#open].map((entry) => entry.facts());
  }

  /** Closes what the policy does not allow any more; answers how many. */
  recheck(policy: Policy): number {
    let closed = 0;
    for (const entry of this.#open) {
      const { name, port, address, via, granted } = entry;
      const dialled = address === undefined || via !== undefined ? {} : { address };
      const decided = policy.decide({ name, port, granted, ...dialled });
      const unseen = entry.admitted && !entry.seen && !isLiteral(name) && policy.needsInterception(name, port);
      const verdict = decided.allowed && unseen ? { allowed: false, why: "its requests have to be seen from now on" } : decided;
      // a connection that is still held waits for its answer
      if (verdict.allowed || (verdict.ask === true && address === undefined && via === undefined)) continue;
      entry.close(`closed: ${verdict.why}`);
      if (entry.admitted) closed += 1; // what was still held is refused, not closed
    }
    return closed;
  }

  /** Writes down those that are open when the gateway ends. */
  recordRest(audit: Audit): void {
    for (const entry of this.#open) {
      const { seconds, ...facts } = entry.facts();
      audit.record({ kind: "connection", ...facts, verdict: "allowed", why: "open until the end", durationMs: Math.round(seconds * 1000) });
    }
  }
}

class Entry implements OpenConnection {
  readonly name: Destination;
  readonly port: number;
  address: string | undefined;
  via: string | undefined;
  granted = false;
  admitted = false;
  seen = false;
  closedWhy: string | undefined;
  readonly #guest: Socket;
  readonly #since = performance.now();

  constructor(guest: Socket, name: Destination, port: number) {
    this.#guest = guest;
    this.name = name;
    this.port = port;
  }

  close(why: string): void {
    this.closedWhy = why;
    this.#guest.resetAndDestroy();
  }

  facts(): ConnectionFacts {
    const { name, port, address } = this;
    const traffic = { sent: this.#guest.bytesRead, received: this.#guest.bytesWritten };
    return { name, port, ...(address === undefined ? {} : { address }), ...traffic, seconds: (performance.now() - this.#since) / 1000 };
  }
}
