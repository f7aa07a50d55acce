import { spawn } from "node:child_process";

const DEADLINE_MS = 180_000;
const SHOWN = 4000;

/** How a program ended. */
export interface Ended {
  /** Exit status, or the signal that ended it. */
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  /** After this it is killed and the test fails with what it had said; `3` minutes when not given. */
  readonly deadlineMs?: number;
}

/** A running program, with what it has said so far. */
export interface Started {
  readonly pid: number;
  readonly stdin: NodeJS.WritableStream;
  stdout(): string;
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
  /** Settles when its output, both streams together, fits; rejects when it ends before. */
  says(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Settles when it and its output streams have ended. */
  readonly ended: Promise<Ended>;
}

/** Starts a program in a process group of its own; without `input` its standard input stays open until it is ended. */
export function start([command = "", ...args]: readonly string[], options: StartOptions): Started {
  const child = spawn(command, args, { cwd: options.cwd, env: { ...options.env }, stdio: "pipe", detached: true });
  const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const text = (stream: keyof typeof chunks) => Buffer.concat(chunks[stream]).toString();
  const listeners = new Set<() => void>();
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].on("data", (chunk: Buffer) => {
      chunks[stream].push(chunk);
      for (const listener of listeners) listener();
    });
  }
  child.stdin.on("error", () => {}); // a program that ended does not read on
  if (options.input !== undefined) child.stdin.end(options.input);

  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  const described = () => `${[command, ...args].join(" ")}\nstdout: ${text("stdout").slice(-SHOWN)}\nstderr: ${text("stderr").slice(-SHOWN)}`;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    process.kill(-(child.pid ?? 0), "SIGKILL");
  }, deadlineMs);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      if (late) reject(new Error(`It did not end within ${deadlineMs / 1000} s: ${described()}`));
      else resolve({ status: signal ?? code ?? -1, stdout: text("stdout"), stderr: text("stderr") });
    });
  });
  ended.catch(() => {}); // a test that only waits for words hears of it there

  return {
    pid: child.pid ?? 0,
    stdin: child.stdin,
    stdout: () => text("stdout"),
    stderr: () => text("stderr"),
    kill: (signal) => void child.kill(signal),
    async says(pattern) {
      const find = () => (text("stdout") + text("stderr")).match(pattern);
      let listener = (): void => {};
      const said = new Promise<RegExpMatchArray>((resolve) => {
        listener = () => {
          const match = find();
          if (match) resolve(match);
        };
        listeners.add(listener);
        listener();
      });
      const over = ended.then(() => {
        const match = find();
        if (!match) throw new Error(`It ended without saying ${pattern}: ${described()}`);
        return match;
      });
      return await Promise.race([said, over]).finally(() => listeners.delete(listener));
    },
    ended,
  };
}
