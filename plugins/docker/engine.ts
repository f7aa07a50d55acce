import { escapeText, isFailure, type Guest } from "../../core/index.ts";
import { DATA_ROOT, daemonConfiguration } from "./daemon.ts";
import { fail } from "./failures.ts";
import { LOG, UNITS } from "./guest/engine-files.ts";
import type { DockerOptions } from "./options.ts";

/** Longest that the engine may take; under software emulation it was seen to take 12 s. */
const DEADLINE_MS = 55_000;
const LOG_LINES = 20;

/** Lays out the store and the configuration and starts the engine, without waiting for it. */
export async function startEngine(guest: Guest, options: DockerOptions): Promise<void> {
  const kind = options.rootless ? ([UNITS.rootless, DATA_ROOT, "agent"] as const) : ([UNITS.rootful, DATA_ROOT, "root"] as const);
  await guest.run(["/usr/lib/cloche/docker-start", ...kind], { input: `${options.memory}\n${daemonConfiguration(options)}` });
}

/** Waits until the engine answers; throws DOCKER_DOWN with the end of its log. */
export async function awaitEngine(guest: Guest, { rootless }: DockerOptions, signal: AbortSignal): Promise<void> {
  try {
    await guest.run(["systemctl", "start", rootless ? UNITS.rootless : UNITS.rootful], { deadlineMs: DEADLINE_MS });
  } catch (cause) {
    signal.throwIfAborted();
    if (!isFailure(cause, "GUEST_COMMAND_FAILED") && !isFailure(cause, "GUEST_COMMAND_LATE")) throw cause;
    throw fail("DOCKER_DOWN", { reason: isFailure(cause, "GUEST_COMMAND_LATE") ? `it took more than ${DEADLINE_MS / 1000} s` : "it ended", log: await logTail(guest) }, { cause });
  }
}

async function logTail(guest: Guest): Promise<string> {
  const { stdout } = await guest.run(["tail", "-n", `${LOG_LINES}`, LOG]).catch(() => ({ stdout: "" }));
  return escapeText(stdout.trim());
}
