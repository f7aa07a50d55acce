import { NOTHING, type DeskOptions } from "./attach/desk.ts";
import type { LaunchRequest } from "./attach/launch.ts";
import { Notices } from "./attach/notices.ts";
import { StatusLine } from "./attach/status-line.ts";
import { serveDesk } from "./attach/served-desk.ts";
import { fail } from "./failures.ts";
import { makeHooks, type Hooks, type Phase } from "./hooks.ts";
import { fail as cannotLoad } from "./outside/failures.ts";
import { guardedOptions } from "./outside/guarded-options.ts";
import type { Plugin, Reach } from "./plugin.ts";
import { inOrder } from "./plugin-order.ts";
import { ServiceRegistry } from "./services-registry.ts";
import { Questions } from "./sessions/questions.ts";
import type { Acting, Host, Session } from "./session.ts";
import { ClocheError, isFailure, messageOf } from "./support/errors.ts";
import { logger } from "./support/log.ts";
import { NO_WISHES, type Wishes } from "./wishes.ts";

/** A plugin that is on, with its options checked. */
export interface EnabledPlugin {
  readonly plugin: Plugin;
  readonly options: unknown;
}

/** What a session is opened with. */
export interface SessionOptions {
  readonly acting: Acting;
  readonly host: Host;
  readonly plugins: readonly EnabledPlugin[];
  /** Names of all plugins there are, enabled or not. */
  readonly known: readonly string[];
  readonly recipe: { readonly suite: string; readonly packages: readonly string[] };
  readonly request: LaunchRequest;
  /** What the user allows programs of the guest on a terminal; nothing when not given. */
  readonly desk?: DeskOptions;
  /** Nothing when not given. */
  readonly wishes?: Wishes;
}

/** Longest that one tap may take. The teardown's are short so that a plugin cannot hold up the end. */
const DEADLINE_MS: Readonly<Record<Phase, number>> = {
  build: 60_000,
  boot: 60_000,
  provision: 120_000,
  attach: 60_000,
  teardown: 10_000,
};

/** Makes a session: new hooks, every enabled plugin tapped in order. Throws when the plugins do not fit together. */
export function openSession(options: SessionOptions): Session {
  const { host, recipe, request, wishes = NO_WISHES } = options;
  const lost = new AbortController();
  const acting = { ...options.acting, signal: AbortSignal.any([options.acting.signal, lost.signal]) };
  const teardownErrors: Error[] = [];
  const ordered = inOrder(
    options.plugins.map(({ plugin, options: values }) => ({ name: plugin.name, after: plugin.after, file: plugin.file, plugin, values })),
    options.known,
  );
  // one that does not come with cloche may rely on all that stands before it
  const comesAfter = new Map(ordered.filter(({ plugin }) => plugin.file === undefined).map(({ name, after }) => [name, after]));
  const hooks = makeHooks({
    signal: acting.signal,
    deadlineMs: DEADLINE_MS,
    comesAfter,
    onTeardownError: (error) => teardownErrors.push(error),
  });
  const services = new ServiceRegistry();
  const questions = new Questions();
  const notices = new Notices((line) => acting.progress.say(line));
  const status = new StatusLine(acting.session.name);
  serveDesk(options.desk ?? NOTHING, notices, questions);
  for (const { plugin, values } of ordered) {
    install(plugin, hooks, values, (parsed) => reachOf(plugin.name, parsed, { acting, services, questions, notices, status, lost }));
  }
  return { ...acting, hooks, host, questions, notices, status, recipe, request, wishes, teardownErrors };
}

/** Lets a plugin tap the hooks. One from outside is named with its file when it fails at that, and may ask only for options that it has. */
function install(plugin: Plugin, hooks: Hooks, values: unknown, reachWith: <O>(parsed: O) => Reach<O>): void {
  const { file } = plugin;
  if (file === undefined) return plugin.install(hooks, values, reachWith);
  try {
    plugin.install(hooks, guardedOptions(plugin, values), reachWith);
  } catch (cause) {
    throw isFailure(cause, "PLUGIN_OPTION_UNKNOWN") ? cause : cannotLoad("PLUGIN_NOT_LOADED", { file, reason: messageOf(cause) }, { cause });
  }
}

/** What the reaches of one session have in common. */
interface Common {
  readonly acting: Acting;
  readonly services: ServiceRegistry;
  readonly questions: Questions;
  readonly notices: Notices;
  readonly status: StatusLine;
  /** Ends the session. */
  readonly lost: AbortController;
}

function reachOf<O>(plugin: string, options: O, { acting, services, questions, notices, status, lost }: Common): Reach<O> {
  return {
    options: options as Readonly<O>,
    signal: acting.signal,
    log: logger(plugin),
    progress: acting.progress,
    notice: (text) => notices.tell(text),
    status: (text) => status.set(plugin, text),
    session: acting.session,
    defer: (name, run, deadlineMs) => acting.scope.defer(`${plugin}: ${name}`, run, deadlineMs),
    giveUp: (cause) => {
      const hint = cause instanceof ClocheError ? cause.hint : undefined;
      lost.abort(fail("PLUGIN_GAVE_UP", { plugin, reason: messageOf(cause), hint }, { cause }));
    },
    provide: (name, service) => services.provide(plugin, name, service),
    use: (name) => services.use(plugin, name),
    borrow: (name) => services.borrow(name),
    serve: (name, schema, answer) => questions.serve(name, schema, answer),
  };
}
