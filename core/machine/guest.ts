import type { Duplex, Readable, Writable } from "node:stream";
import type { Machine } from "./machine.ts";

/** A terminal's size in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** One command in the guest. */
export interface GuestCommand {
  /** Program and arguments, each passed as it is; empty means a login shell. */
  readonly argv: readonly string[];
  readonly user: "root" | "agent";
  /** Absolute path in the guest; the user's home when not given. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Gives the command a terminal of this size; then stderr is part of stdout. */
  readonly tty?: TerminalSize & { readonly term: string };
}

/** How a command ended: with an exit status, by a signal, or with the connection. */
export type CommandEnd =
  | { readonly kind: "exit"; readonly status: number }
  | { readonly kind: "signal"; readonly signal: string }
  | { readonly kind: "lost"; readonly detail: string };

/** A running command: three byte streams with back-pressure, signals and an end. */
export interface GuestChannel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles, never rejects, after both output streams have ended. */
  readonly ended: Promise<CommandEnd>;
  resize(size: TerminalSize): void;
  /** Sends a signal such as "INT" to the command's process group. */
  signal(name: string): void;
  /** Gives the command up: closes the channel. */
  close(): void;
}

/** A file to write in the guest. */
export interface GuestFile {
  /** Absolute and normal: without `.`, `..` or doubled slashes. */
  readonly path: string;
  readonly content: string | Uint8Array;
  /** 0644 when not given. */
  readonly mode?: number;
}

/** How something is done to a guest. */
export interface DoneOptions {
  /**
   * A name. It is not done again when it is the same as what was done last under that name, in a suspended machine that goes on too,
   * whatever has become of it in there.
   */
  readonly as?: string;
}

/** What a finished command said. */
export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** The inside of a machine, reached over one SSH connection. */
export interface Guest {
  readonly machine: Machine;
  /** Starts a command. */
  open(command: GuestCommand): Promise<GuestChannel>;
  /**
   * Runs a short command of ours to its end, as root with `/` as its directory, and answers its output (at most 1 MiB of each). A
   * name without a path may mean busybox's program of that name; write "/usr/bin/install" where only the other one will do.
   * One that is not done again says nothing. Throws GUEST_COMMAND_FAILED when it does not exit with 0.
   */
  run(argv: readonly string[], options?: DoneOptions & { readonly input?: string | Uint8Array; readonly deadlineMs?: number }): Promise<CommandOutput>;
  /**
   * Starts a command of ours that goes on and is talked to, otherwise as `run` does. It should say little, and what it says be read:
   * one that has said 4 MiB that nobody read is killed.
   */
  start(argv: readonly string[]): Promise<GuestChannel>;
  /** Connects to a TCP port that something in the guest listens at on its own loopback; throws GUEST_PORT_CLOSED or GUEST_LOST. */
  connect(port: number): Promise<Duplex>;
  /** Writes a file as root, with its parent directories; for files in `/home/agent` the owner is the agent. */
  writeFile(path: string, content: string | Uint8Array, mode?: number): Promise<void>;
  /** Writes any number of files by one command, otherwise as `writeFile` does; what is there already is replaced. */
  writeFiles(files: readonly GuestFile[], options?: DoneOptions): Promise<void>;
}
