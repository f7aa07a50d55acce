import { Readable, Writable } from "node:stream";
import type { CommandEnd, GuestChannel, TerminalSize } from "../../machine/guest.ts";

/** What a visitor may do to the command it looks at. */
export interface Visited {
  /** Takes what the visitor types, and calls back when it is taken. */
  type(bytes: Buffer, done: () => void): void;
  resize(size: TerminalSize): void;
  /** Bytes that show the present screen. */
  picture(): Promise<Buffer>;
  /** The visitor is gone. */
  left(visit: Visit): void;
}

/** How a visit ended when the command did not: the detail of a "lost" end. */
export const LEFT = "the terminal was detached.";
export const TAKEN = "another terminal took it over.";

/** What a visitor that reads too slowly may have unread, in bytes; then it misses what comes, and is shown the screen afterwards. */
const MOST_UNREAD = 1024 * 1024;

/**
 * One terminal's time with a held command, used like a command of its own: it begins with the screen as it is. Whatever becomes of the
 * terminal, the command goes on: signals that are meant to end it end the visit.
 */
export class Visit implements GuestChannel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr = Readable.from([]);
  readonly ended: Promise<CommandEnd>;
  readonly #visited: Visited;
  #resolveEnd!: (end: CommandEnd) => void;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  /** Whether the picture is being made; what comes meanwhile follows it. */
  #drawing = false;
  /** Whether the visitor missed something, so that a new picture is due. */
  #behind = false;
  #hungry = false;
  #end: CommandEnd | undefined;
  #over = false;

  constructor(visited: Visited) {
    this.#visited = visited;
    this.ended = new Promise((resolve) => (this.#resolveEnd = resolve));
    this.stdin = new Writable({ write: (chunk: Buffer, _encoding, done) => visited.type(chunk, () => done()) });
    this.stdin.on("error", () => {});
    this.stdout = new Readable({ read: () => this.#feed() });
    this.stdout.on("error", () => {});
    this.#draw();
  }

  /** Takes what the command writes. */
  hear(chunk: Buffer): void {
    if (this.#end || this.#behind) return;
    this.#queue.push(chunk);
    this.#queuedBytes += chunk.length;
    if (this.#queuedBytes > MOST_UNREAD) {
      this.#behind = true;
      this.#queue = [];
      this.#queuedBytes = 0;
    }
    if (this.#hungry) this.#feed();
  }

  /** The command is over, when the visitor still gets all that it said; or this visit is. */
  end(end: CommandEnd): void {
    if (this.#end) return;
    this.#end = end;
    if (end.kind === "lost") this.#finish(end);
    else if (this.#hungry) this.#feed();
  }

  resize(size: TerminalSize): void {
    if (!this.#end) this.#visited.resize(size);
  }

  signal(): void {
    this.close();
  }

  close(): void {
    this.#end ??= { kind: "lost", detail: LEFT };
    this.#finish(this.#end);
  }

  #feed(): void {
    const next = this.#drawing ? undefined : this.#queue.shift();
    this.#hungry = next === undefined;
    if (next) {
      this.#queuedBytes -= next.length;
      this.stdout.push(next);
    } else if (this.#behind && !this.#drawing) {
      this.#draw();
    } else if (this.#end && !this.#drawing) {
      this.#finish(this.#end);
    }
  }

  #draw(): void {
    this.#behind = false;
    this.#drawing = true;
    void this.#visited.picture().then((picture) => {
      this.#drawing = false;
      if (this.#over) return;
      this.#queue.unshift(picture);
      this.#queuedBytes += picture.length;
      if (this.#hungry) this.#feed();
    });
  }

  #finish(end: CommandEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.stdout.push(null);
    this.stdin.destroy();
    this.#resolveEnd(end);
    this.#visited.left(this);
  }
}
