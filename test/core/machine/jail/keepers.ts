import { execFileSync, spawn, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, fstatSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../../support/sources.ts";

const KEEPER = ["/usr/bin/perl", join(ROOT, "host/network.pl")] as const;

/** Both ends of a pipe, neither of which a child inherits unless it is given it. */
export interface Ends {
  readonly read: number;
  readonly write: number;
}

/** What a keeper was started with, by the process that has the other ends. */
export interface KeeperAhead {
  /** As bin/cloche says it to Node. */
  readonly told: string;
  readonly pid: number;
  readonly gone: Promise<unknown>;
}

/** Pipes; whoever asks for them closes them. */
export function pipes(count: number): readonly Ends[] {
  const folder = mkdtempSync(join(tmpdir(), "cloche-pipes-"));
  try {
    return Array.from({ length: count }, (_, index) => pipeAt(join(folder, String(index))));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function pipeAt(path: string): Ends {
  execFileSync("mkfifo", [path]);
  const both = openSync(path, constants.O_RDWR); // else each end would wait for the other to be opened
  const ends = { read: openSync(path, "r"), write: openSync(path, "w") };
  closeSync(both);
  return ends;
}

/** Starts a keeper as bin/cloche does, with its other ends in this process; `command` is another program in its place. */
export function keeperAhead(command: readonly string[] = KEEPER): KeeperAhead {
  const [input, output, error] = pipes(3) as [Ends, Ends, Ends];
  const [program = "", ...args] = command;
  const theirs = [input.read, output.write, error.write];
  const child = spawn(program, args, { stdio: theirs as StdioOptions, detached: true, env: {} });
  const gone = once(child, "exit");
  for (const fd of theirs) closeSync(fd);
  const ours = [input.write, output.read, error.read];
  return { told: ours.join(" "), pid: child.pid ?? -1, gone };
}

/** Whether a descriptor of this process is open. */
export function isOpen(fd: number): boolean {
  try {
    return fstatSync(fd).isFIFO();
  } catch {
    return false;
  }
}
