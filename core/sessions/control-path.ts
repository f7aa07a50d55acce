import { join } from "node:path";
import { fail } from "./failures.ts";

/** Longest path of a unix socket, in bytes: sun_path has 108 with its closing zero (unix(7)). */
const LONGEST_SOCKET_PATH = 107;

/** Where a session's control socket lies. It is on the host's side only: a socket that the jail could see would reach out of it. */
export function controlPath(runDir: string): string {
  return join(runDir, "control.sock");
}

/** Throws SESSION_PATH_LONG when the control socket of a session would not fit. */
export function checkSocketPath(runDir: string): void {
  const path = controlPath(runDir);
  if (Buffer.byteLength(path) > LONGEST_SOCKET_PATH) {
    throw fail("SESSION_PATH_LONG", { path, limit: LONGEST_SOCKET_PATH });
  }
}
