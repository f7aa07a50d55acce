import type { LaunchRequest } from "./attach/launch.ts";
import type { CommandIo } from "./commands/command.ts";
import type { Configuration } from "./config/configuration.ts";
import { directories, privateDirectory } from "./config/directories.ts";
import { makeHost } from "./host.ts";
import { live } from "./lifecycle.ts";
import { openSession } from "./open-session.ts";
import { beginSession } from "./sessions/begin.ts";
import { Disposers } from "./support/disposers.ts";

/** One run of cloche: what to run, where, and on whose terminal. */
export interface RunOptions {
  readonly configuration: Configuration;
  /** Real path of the project, already checked. */
  readonly project: string;
  readonly request: LaunchRequest;
  /** Whether the command gets a terminal of its own, coupled with the user's. */
  readonly tty: boolean;
  /** The session's name; an invented one when not given. */
  readonly name?: string | undefined;
  readonly io: CommandIo;
  /** Aborts with `Interrupted` when the user wants the end. */
  readonly signal: AbortSignal;
}

/** Lives one session from build to teardown and answers the exit status of the user's command; nothing of it remains. */
export async function runSession(options: RunOptions): Promise<number> {
  const { configuration, project, io, signal } = options;
  const ours = directories();
  await using scope = new Disposers();
  const begun = await beginSession(
    { runtimeDirectory: privateDirectory(ours.runtime, "XDG_RUNTIME_DIR"), project, ...(options.name && { name: options.name }) },
    scope,
  );
  warnRoot(io);
  const acting = {
    session: { name: begun.name, project, runDir: begun.runDir, cacheDir: ours.cache, hostEnv: process.env },
    scope,
    signal,
    progress: io.progress,
  };
  const enabled = configuration.plugins.filter((entry) => entry.enabled);
  const session = openSession({
    acting,
    host: makeHost({ core: configuration.core, io, tty: options.tty, begun, stateDir: ours.state }),
    plugins: enabled,
    known: configuration.plugins.map(({ plugin }) => plugin.name),
    recipe: configuration.core.image,
    request: options.request,
  });
  return await live(session);
}

function warnRoot(io: CommandIo): void {
  if (process.getuid?.() !== 0) return;
  io.warn("You are root: a guest that broke out of QEMU and its jail would find more here than as a normal user. Nothing in the guest runs as root for the agent.");
}
