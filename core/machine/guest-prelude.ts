import { randomBytes } from "node:crypto";

// Only what a shell's start-up files print may come before the marker.
const MAX_NOISE_BYTES = 64 * 1024;
const MAX_TAIL_BYTES = 16;

/**
 * Learns the process id of a command: the shell that becomes it writes a line of ours first, which is taken out of its output. sshd
 * refuses to pass signals to what root started, so this is how we know whom to signal.
 */
export class Prelude {
  readonly #marker = `cloche-${randomBytes(8).toString("hex")}:`;
  #pending: Buffer = Buffer.alloc(0);
  #done = false;
  #found!: (pid: number | undefined) => void;
  /** The process id, which is also the process group's; undefined when the command ended without saying it. */
  readonly pid = new Promise<number | undefined>((resolve) => {
    this.#found = resolve;
  });

  /** The shell command that says its process id and then does the given one, which should `exec`. */
  wrap(line: string): string {
    return `echo ${this.#marker}$$; ${line}`;
  }

  /** What of the output belongs to the command. */
  take(chunk: Buffer): Buffer {
    if (this.#done) return chunk;
    const seen = Buffer.concat([this.#pending, chunk]);
    const start = seen.indexOf(this.#marker);
    const end = start === -1 ? -1 : seen.indexOf("\n", start);
    if (end !== -1) return this.#finish(Number.parseInt(seen.toString("latin1", start + this.#marker.length, end), 10), seen.subarray(end + 1));
    const limit = start === -1 ? MAX_NOISE_BYTES : start + this.#marker.length + MAX_TAIL_BYTES;
    if (seen.length > limit) return this.#finish(undefined, seen);
    this.#pending = seen;
    return Buffer.alloc(0);
  }

  /** The output is over. */
  end(): Buffer {
    return this.#done ? Buffer.alloc(0) : this.#finish(undefined, this.#pending);
  }

  #finish(pid: number | undefined, rest: Buffer): Buffer {
    this.#done = true;
    this.#pending = Buffer.alloc(0);
    this.#found(pid !== undefined && Number.isSafeInteger(pid) && pid > 1 ? pid : undefined);
    return rest;
  }
}
