import { createHash } from "node:crypto";
import { posix } from "node:path";
import { guestArchive, UNPACK } from "./guest-files.ts";
import { enterLine, HOMES, quote } from "./guest-quote.ts";
import { finish } from "./guest-run.ts";
import type { CommandOutput, GuestChannel, GuestFile, DoneOptions } from "./guest.ts";

const RUN_DEADLINE_MS = 60_000;

/** What was done last by its name (`DoneOptions.as`): the SHA-256 sum of the command line and of what it read. */
export type Done = Map<string, string>;

/** As of `Guest.run`. */
export interface RunOptions extends DoneOptions {
  readonly input?: string | Uint8Array;
  readonly deadlineMs?: number;
}

/** What we run in a guest for ourselves, whichever way it gets there. */
export abstract class OwnCommands {
  readonly #done: Done;

  /** `done` says what was done in there, and is told. */
  constructor(done: Done) {
    this.#done = done;
  }

  /** Has root's own shell take a line; `name` is what its failures call it, and the bytes those that it reads, where that is known. */
  abstract exec(line: string, name: string, inputBytes?: number): Promise<GuestChannel>;

  async run(argv: readonly string[], options: RunOptions = {}): Promise<CommandOutput> {
    return await this.#run(ownLine(argv), argv, options);
  }

  async start(argv: readonly string[]): Promise<GuestChannel> {
    return await this.exec(ownLine(argv), argv[0] ?? "");
  }

  async writeFile(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
    if (!posix.isAbsolute(path)) throw new Error(`"${path}" is not an absolute path in the guest`);
    // by its path: the shell of root's commands would take its own of that name, which knows no -T
    const argv = ["/usr/bin/install", "-D", "-T", "-m", mode.toString(8), "/dev/stdin", path];
    const line = path.startsWith(`${HOMES.agent}/`) ? enterLine({ user: "agent", cwd: "/", argv }) : ownLine(argv);
    await this.#run(line, ["write", path], { input: content });
  }

  async writeFiles(files: readonly GuestFile[], options: DoneOptions = {}): Promise<void> {
    if (files.length === 0) return;
    await this.#run(ownLine(UNPACK), ["write", `${files.length} files`], { ...options, input: guestArchive(files) });
  }

  async #run(line: string, argv: readonly string[], { input = "", deadlineMs = RUN_DEADLINE_MS, as }: RunOptions): Promise<CommandOutput> {
    const sum = as === undefined ? "" : createHash("sha256").update(`${line}\0`).update(input).digest("hex");
    if (as !== undefined && this.#done.get(as) === sum) return { stdout: "", stderr: "" };
    if (as !== undefined) this.#done.delete(as); // one that fails may have done a part of it
    const output = await finish(this.exec(line, argv[0] ?? "", Buffer.byteLength(input)), argv, input, deadlineMs);
    if (as !== undefined) this.#done.set(as, sum);
    return output;
  }
}

function ownLine(argv: readonly string[]): string {
  return `cd / && exec ${argv.map(quote).join(" ")}`;
}
