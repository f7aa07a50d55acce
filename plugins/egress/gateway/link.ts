import type { ChildProcess } from "node:child_process";
import type { Socket as UdpSocket } from "node:dgram";
import type { Server } from "node:net";

/** A socket that crosses with a question. */
export type Handle = Server | UdpSocket;

/** One kind of question: what is asked, and what is answered. Both are plain data. */
export interface Question {
  readonly asks: unknown;
  readonly answers: unknown;
}

/** How to ask. */
export interface Asking {
  /** Crosses with the question; our own copy stays open. */
  readonly socket?: Handle;
  /** How long to wait for the answer; 10 s when not given. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

type Answer<Q extends Question> = Q["answers"] | Promise<Q["answers"]> | (undefined extends Q["answers"] ? void : never);
type Kinds<Q> = { [K in keyof Q]: Question };
type Message = { readonly id: number } & ({ readonly kind: string; readonly asks: unknown } | { readonly answers: unknown } | { readonly error: string });
type Channel = ChildProcess | NodeJS.Process;

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

const ANSWER_MS = 10_000;
const MOST_WAITING = 4096;
const NOT_WAITING = 0; // the id of what nobody waits for

/**
 * Questions and answers between the plugin and its gateway, either way, over Node's IPC: `Out` is what this side asks, `In` what
 * it is asked. A question without an answer in time, or beyond 4096 that wait, is an error.
 */
export class Link<Out extends Kinds<Out>, In extends Kinds<In>> {
  readonly #channel: Channel;
  readonly #waiting = new Map<number, Waiting>();
  readonly #answerers = new Map<string, (asks: unknown, socket: unknown) => unknown>();
  #asked = NOT_WAITING;
  #gone: Error | undefined;

  constructor(channel: Channel) {
    this.#channel = channel;
    (channel as ChildProcess).on("message", (message, socket) => this.#hear(message as Message, socket));
  }

  /** Says who answers a kind of question; whoever throws makes the asker's promise fail with the message. */
  answer<K extends keyof In & string>(kind: K, answerer: (asks: In[K]["asks"], socket: unknown) => Answer<In[K]>): void {
    this.#answerers.set(kind, answerer);
  }

  /** Asks, and answers what the other side did; throws what it threw, or that it is late or gone. */
  async ask<K extends keyof Out & string>(kind: K, asks: Out[K]["asks"], { socket, deadlineMs = ANSWER_MS, signal }: Asking = {}): Promise<Out[K]["answers"]> {
    signal?.throwIfAborted();
    if (this.#gone) throw this.#gone;
    if (this.#waiting.size >= MOST_WAITING) throw new Error(`too many questions wait for an answer to ask "${kind}"`);
    const id = (this.#asked += 1);
    let timer: NodeJS.Timeout | undefined;
    let onAbort = (): void => {};
    try {
      return await new Promise<Out[K]["answers"]>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        timer = setTimeout(() => reject(new Error(`there was no answer to "${kind}" in time`)), deadlineMs);
        onAbort = () => reject(signal?.reason as Error);
        signal?.addEventListener("abort", onAbort, { once: true });
        this.#send({ id, kind, asks }, socket, reject);
      });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      this.#waiting.delete(id);
    }
  }

  /** Says something that needs no answer; lost when the other side is gone. */
  tell<K extends keyof Out & string>(kind: K, asks: Out[K]["asks"]): void {
    this.#send({ id: NOT_WAITING, kind, asks });
  }

  /** The other side is gone: what waits fails with this, and so does every later question. */
  giveUp(error: Error): void {
    this.#gone = error;
    for (const { reject } of this.#waiting.values()) reject(error);
  }

  #hear(message: Message, socket: unknown): void {
    if ("kind" in message) return void this.#reply(message.id, message.kind, message.asks, socket);
    const waiting = this.#waiting.get(message.id);
    if ("error" in message) waiting?.reject(new Error(message.error));
    else waiting?.resolve(message.answers);
  }

  async #reply(id: number, kind: string, asks: unknown, socket: unknown): Promise<void> {
    try {
      const answerer = this.#answerers.get(kind);
      if (!answerer) throw new Error(`nobody answers "${kind}"`);
      const answers = await answerer(asks, socket);
      if (id !== NOT_WAITING) this.#send({ id, answers });
    } catch (error) {
      if (id !== NOT_WAITING) this.#send({ id, error: error instanceof Error ? error.message : String(error) });
    }
  }

  #send(message: Message, socket?: Handle, onError: (error: Error) => void = () => {}): void {
    if (!this.#channel.send) return onError(new Error("the other side is gone"));
    this.#channel.send(message, socket, {}, (error) => { if (error) onError(error); }); // whoever is gone is noticed by its end
  }
}
