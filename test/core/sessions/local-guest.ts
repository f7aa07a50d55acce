import { spawn } from "node:child_process";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import type { CommandEnd, Guest, GuestChannel, GuestCommand } from "../../../core/machine/guest.ts";

/** A guest whose commands are processes of this host, and what it was asked for. */
export interface LocalGuest {
  readonly guest: Guest;
  readonly opened: GuestCommand[];
  readonly sizes: unknown[];
  readonly pids: number[];
}

export function localGuest(): LocalGuest {
  const opened: GuestCommand[] = [];
  const sizes: unknown[] = [];
  const pids: number[] = [];
  const guest = {
    async open(command: GuestCommand): Promise<GuestChannel> {
      opened.push(command);
      const [program = "/bin/sh", ...args] = command.argv;
      const child = spawn(program, args, { cwd: command.cwd, env: { PATH: "/usr/bin:/bin", ...command.env }, detached: true });
      await once(child, "spawn");
      pids.push(child.pid ?? 0);
      const kill = (signal: string): void => {
        try {
          process.kill(-(child.pid ?? 0), `SIG${signal}`);
        } catch {
          return; // it has ended
        }
      };
      return {
        stdin: child.stdin, stdout: child.stdout, stderr: child.stderr,
        ended: endOf(child),
        resize: (size) => void sizes.push(size),
        signal: kill,
        close: () => kill("KILL"),
      };
    },
  } as unknown as Guest;
  return { guest, opened, sizes, pids };
}

async function endOf(child: ReturnType<typeof spawn>): Promise<CommandEnd> {
  const over = [child.stdout!, child.stderr!].map((stream) => finished(stream).catch(() => {}));
  const [[status, signal]] = await Promise.all([once(child, "exit"), ...over]) as [[number | null, string | null], ...unknown[]];
  return status === null ? { kind: "signal", signal: (signal ?? "").slice(3) } : { kind: "exit", status };
}
