import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { packageRoot } from "../../support/package-root.ts";
import { systemTool } from "../tools.ts";

/** The process that keeps a jail's network for as long as its input is open; host/network.pl says what it understands. */
export interface NetworkKeeper {
  readonly input: Writable;
  readonly output: Readable;
  readonly error: Readable;
  /** Settles, never rejects, when it is gone and all that it said was read. */
  readonly gone: Promise<unknown>;
}

/** Starts one; throws TOOL_MISSING. */
export function startNetworkKeeper(): NetworkKeeper {
  const script = join(packageRoot(), "host", "network.pl");
  const child = spawn(systemTool("perl"), [script], { stdio: ["pipe", "pipe", "pipe"], detached: true, cwd: "/", env: {} });
  child.on("error", () => {}); // its streams end too, and that is noticed
  const gone = new Promise((resolve) => child.once("close", resolve));
  return { input: child.stdin, output: child.stdout, error: child.stderr, gone };
}
