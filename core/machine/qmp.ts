import type { Duplex } from "node:stream";
import { withDeadline } from "../support/deadline.ts";
import { escapeLine } from "../support/escape.ts";
import { logger } from "../support/log.ts";
import { fail } from "./failures.ts";
import { onLines } from "./lines.ts";

const log = logger("qmp");
const DEADLINE_MS = 10_000;
const LONGEST_LINE_BYTES = 1024 * 1024;

/** Something that QEMU tells unasked, such as SHUTDOWN. */
export interface QmpEvent {
  readonly event: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

interface Message extends Partial<QmpEvent> {
  readonly QMP?: unknown;
  readonly return?: unknown;
  readonly error?: { readonly desc?: string };
}

interface Awaited {
  readonly take: (event: QmpEvent) => void;
  readonly reject: (error: Error) => void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A client of QEMU's monitor over an open stream. Commands are answered in their order; events go to one listener. */
export class Qmp {
  readonly #stream: Duplex;
  readonly #onEvent: (event: QmpEvent) => void;
  readonly #waiting: Waiting[] = [];
  readonly #awaited = new Set<Awaited>();
  readonly #greeting: Promise<unknown>;
  #broken: Error | undefined;
  #version: readonly [number, number] = [0, 0];

  constructor(stream: Duplex, onEvent: (event: QmpEvent) => void) {
    this.#stream = stream;
    this.#onEvent = onEvent;
    this.#greeting = this.#answer();
    this.#greeting.catch(() => {}); // seen by `open`
    onLines(stream, LONGEST_LINE_BYTES, {
      line: (text) => this.#take(text),
      tooLong: () => this.#break("a line was too long"),
    });
    stream.on("error", (error) => this.#break(error.message));
    stream.on("close", () => this.#break("QEMU ended"));
  }

  /** Waits for QEMU's greeting and begins. Throws MONITOR_FAILED. */
  async open(signal: AbortSignal): Promise<void> {
    const greeting = await this.#inTime("the greeting", this.#greeting, signal);
    const { version } = greeting as { readonly version?: { readonly qemu?: { readonly major?: unknown; readonly minor?: unknown } } };
    this.#version = [Number(version?.qemu?.major), Number(version?.qemu?.minor)];
    await this.run("qmp_capabilities", {}, signal);
  }

  /** QEMU's version, major and minor; known when it is open. */
  get version(): readonly [number, number] {
    return this.#version;
  }

  /** One command and its answer. Throws MONITOR_FAILED. */
  async run(command: string, args: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<unknown> {
    log("> %s", command);
    const answer = this.#answer();
    this.#stream.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    return await this.#inTime(command, answer, signal);
  }

  /** The first event from now on of which `pick` makes something. Throws MONITOR_FAILED. */
  async until<T>(what: string, pick: (event: QmpEvent) => T | undefined, deadlineMs: number, signal: AbortSignal): Promise<T> {
    if (this.#broken) throw this.#broken;
    let awaited: Awaited | undefined;
    const come = new Promise<T>((resolve, reject) => {
      const take = (event: QmpEvent): void => {
        const picked = pick(event);
        if (picked !== undefined) resolve(picked);
      };
      this.#awaited.add((awaited = { take, reject }));
    });
    try {
      return await withDeadline(come, deadlineMs, () => fail("MONITOR_FAILED", { what, detail: "it took too long" }), signal);
    } finally {
      if (awaited) this.#awaited.delete(awaited);
    }
  }

  #answer(): Promise<unknown> {
    if (this.#broken) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async #inTime(what: string, answer: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
    const late = () => fail("MONITOR_FAILED", { what, detail: "it took too long" });
    return await withDeadline(answer, DEADLINE_MS, late, signal);
  }

  #take(line: string): void {
    const message = parse(line);
    if (!message) return this.#break("it is not JSON");
    if (message.event !== undefined) return this.#tell(message as QmpEvent);
    const { error } = message;
    const next = this.#waiting.shift();
    if (error) next?.reject(fail("MONITOR_FAILED", { what: "a command", detail: escapeLine(error.desc ?? "no reason given") }));
    else next?.resolve(message.return ?? message.QMP);
  }

  #tell(event: QmpEvent): void {
    this.#onEvent(event);
    for (const { take } of this.#awaited) take(event);
  }

  #break(detail: string): void {
    this.#broken ??= fail("MONITOR_FAILED", { what: "the connection", detail: escapeLine(detail) });
    for (const { reject } of [...this.#waiting.splice(0), ...this.#awaited]) reject(this.#broken);
  }
}

function parse(line: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
