import type { LaunchRequest } from "./attach/launch.ts";
import type { CommandIo, Held } from "./commands/command.ts";
import type { Configuration } from "./config/configuration.ts";
import { directories, privateDirectory } from "./config/directories.ts";
import type { Override } from "./config/overrides.ts";
import { makeHost } from "./host.ts";
import type { Image } from "./image/image.ts";
import type { CoreOptions } from "./config/sections.ts";
import type { MachineAhead } from "./machine/ahead/machine-ahead.ts";
import { SCRATCH_PACKAGES } from "./machine/scratch.ts";
import { live } from "./lifecycle.ts";
import { openSession } from "./open-session.ts";
import type { Guest } from "./machine/guest.ts";
import { boot, freeze } from "./phases/boot.ts";
import { build } from "./phases/build.ts";
import { provision } from "./phases/provision.ts";
import type { SessionFacts } from "./plugin.ts";
import { messageOf } from "./support/errors.ts";
import { timed } from "./support/timings.ts";
import type { Session } from "./session.ts";
import { movedHost, type Moved } from "./suspend/moved-host.ts";
import { Suspension, type Inside } from "./suspend/suspension.ts";
import { beginSession } from "./sessions/begin.ts";
import { loggedProgress } from "./supervisor/logged-progress.ts";
import { LateLog } from "./supervisor/session-log.ts";
import { Disposers } from "./support/disposers.ts";
import { watchAsks } from "./trust/watch-asks.ts";

/** Where a session runs and what it is made from. */
export interface SessionPlace {
  readonly configuration: Configuration;
  /** Real path of the project, already checked. */
  readonly project: string;
  readonly io: CommandIo;
  /** Aborts with `Interrupted` when the user wants the end. */
  readonly signal: AbortSignal;
}

/** One run of cloche: what to run, and on whose terminal. */
export interface RunOptions extends SessionPlace {
  readonly request: LaunchRequest;
  /** What of the configuration was said on the command line, for going on with the session later. */
  readonly overrides?: readonly Override[];
  /** Whether the command gets a terminal of its own, coupled with the user's. */
  readonly tty: boolean;
  /** The session's name; an invented one when not given. */
  readonly name?: string | undefined;
  /** When the session is detached: what stands for its terminal. */
  readonly held?: Held | undefined;
  /** A machine that was begun before it was known what is wanted. */
  readonly ahead?: MachineAhead | undefined;
  /** A session on the disk from which this one goes on, instead of a fresh one. */
  readonly moved?: Moved | undefined;
}

/** Lives one session from build to teardown and answers the exit status of the user's command; nothing of it remains. */
export async function runSession(options: RunOptions): Promise<number> {
  await using scope = new Disposers();
  warnRoot(options.io);
  // a detached session keeps its log itself
  const log = options.held ? undefined : new LateLog();
  await scope.defer("close the log", () => log?.close());
  try {
    const status = await live(await begin({ ...options, log }, scope));
    log?.write(`It ended with status ${status}.`);
    return status;
  } catch (error) {
    log?.write(options.signal.aborted ? "It was stopped." : `It failed: ${messageOf(error)}`);
    throw error;
  }
}

/** Only what comes before a session: makes the image and the template that a session here would use, and answers them. */
export async function runBuild(options: SessionPlace & { readonly rebuild: boolean }): Promise<{ image: Image; template: string | undefined }> {
  await using scope = new Disposers();
  const session = await begin({ ...options, request: { kind: "shell" }, tty: false }, scope);
  const image = await build(session);
  return { image, template: await freeze(session, image) };
}

/** What a session is by the time that a command could run in it. */
export interface EnteredLife {
  readonly session: SessionFacts;
  readonly image: Image;
  readonly guest: Guest;
}

/** A session up to where the user's command would start, for those who look at it from within; the scope ends it. */
export async function enterLife(options: SessionPlace & { readonly hostEnv: SessionFacts["hostEnv"] }, scope: Disposers): Promise<EnteredLife> {
  const session = await begin({ ...options, request: { kind: "shell" }, tty: false }, scope);
  const image = await build(session);
  const guest = await provision(session, await boot(session, image));
  await guest.reached?.();
  return { session: session.session, image, guest };
}

interface Beginning extends RunOptions {
  readonly rebuild?: boolean;
  readonly log?: LateLog | undefined;
  readonly hostEnv?: SessionFacts["hostEnv"];
}

async function begin(options: Beginning, scope: Disposers): Promise<Session> {
  const { configuration, project, signal, name, rebuild, held, log } = options;
  const io = log ? { ...options.io, progress: loggedProgress(options.io.progress, log) } : options.io;
  const ours = directories();
  const runtimeDirectory = privateDirectory(ours.runtime, "XDG_RUNTIME_DIR");
  const wanted = { runtimeDirectory, project, detached: held !== undefined, ...(name !== undefined && { name }) };
  const begun = await timed("begin the session", () => beginSession(wanted, scope));
  held?.onName(begun.name);
  log?.open(ours.state, begun.name);
  await watchAsks({ configuration, project, session: begun.name, state: ours.state }, scope);
  const session = { name: begun.name, project, runDir: begun.runDir, cacheDir: ours.cache, stateDir: ours.state, frozen: configuration.frozen, hostEnv: options.hostEnv ?? process.env };
  const suspension = held ? new Suspension() : undefined;
  const fresh = makeHost({ core: configuration.core, overrides: options.overrides ?? [], io, tty: options.tty, begun, stateDir: ours.state, rebuild, held, suspension, ahead: options.ahead });
  const moving = { stateDir: ours.state, name: begun.name, bootDeadlineMs: configuration.core.machine.bootDeadlineMs, onEntered: (inside: Inside) => suspension?.entered(inside) };
  const host = options.moved ? movedHost(fresh, options.moved, moving) : fresh;
  return openSession({
    acting: { session, scope, signal, progress: io.progress },
    host,
    plugins: configuration.plugins.filter(({ enabled }) => enabled),
    known: configuration.plugins.map(({ plugin }) => plugin.name),
    recipe: recipeOf(configuration.core),
    request: options.request,
    desk: configuration.core.terminal,
    wishes: configuration.wishes,
  });
}

function warnRoot(io: CommandIo): void {
  if (process.getuid?.() !== 0) return;
  io.warn("You are root. Should a guest break out of QEMU and the jail around it, it would find more here than as a normal user.");
}

function recipeOf({ image, machine }: CoreOptions): { readonly suite: string; readonly packages: readonly string[] } {
  const { suite, packages } = image;
  return { suite, packages: machine.scratchBytes === undefined ? packages : [...packages, ...SCRATCH_PACKAGES] };
}
