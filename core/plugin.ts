import type { z } from "zod";
import type { Hooks, Phases, Phase } from "./hooks.ts";
import { checkSpec, namedHooks } from "./plugin-spec.ts";
import type { Services } from "./services.ts";
import type { Questions } from "./sessions/questions.ts";
import type { Disposers } from "./support/disposers.ts";
import type { Logger } from "./support/log.ts";
import type { Progress } from "./support/progress.ts";

/** What a phase method may reach besides the context of its phase. */
export interface Reach<O> {
  /** The plugin's own options, merged and checked. */
  readonly options: Readonly<O>;
  /** Aborts when the session is to end; give it to whatever waits. */
  readonly signal: AbortSignal;
  /** The plugin's `debug` namespace, `cloche:<plugin>`. */
  readonly log: Logger;
  readonly progress: Progress;
  /** Tells the user one line also while a program has the whole screen: in the terminal's title, and as a line after the program. */
  notice(text: string): void;
  /** Says in a few words how things stand, for the line that the agent shows below its input; undefined takes it away. */
  status(text: string | undefined): void;
  readonly session: SessionFacts;
  /** Undoes this when the session ends, before anything that was there earlier. */
  readonly defer: Disposers["defer"];
  /** Ends the session from outside any phase method, because something it cannot do without is gone; the error names the plugin. */
  giveUp(cause: Error): void;
  /** Lends a service to the plugins that come after. */
  provide<K extends keyof Services>(name: K, service: Services[K]): void;
  /** Borrows a service when an enabled plugin before this one provides it. */
  borrow<K extends keyof Services>(name: K): Services[K] | undefined;
  /** Answers a question that commands ask the running session with `askSession`; the name begins with the plugin's, "egress.status". */
  readonly serve: Questions["serve"];
  /** Borrows a service; throws PLUGIN_SERVICE_MISSING when no enabled plugin before this one provides it. */
  use<K extends keyof Services>(name: K): Services[K];
}

/** What plugins may know of the session they run in. */
export interface SessionFacts {
  readonly name: string;
  /** Real path of the project on the host, the same in the guest. */
  readonly project: string;
  /** Private directory of the session on the host, never visible in the jail; it goes with the session. */
  readonly runDir: string;
  /** Where a plugin may cache what it fetches for images, on the host. */
  readonly cacheDir: string;
  /** The user's directory for what outlives sessions, on the host; it need not exist yet. */
  readonly stateDir: string;
  /** Files of the project, there or not, by which it speaks to cloche on the host: not for the guest to write. */
  readonly frozen: readonly string[];
  /** The host's environment; take single names from it, never the whole. */
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
}

/** What a project's own file may do with a plugin without being asked about: only what tightens. Nothing when not given. */
export interface ProjectRights<Option extends string = string> {
  /** May switch it on. Only for plugins that take something away from the guest. */
  readonly enable?: boolean;
  /** May switch it off. Never for a plugin that protects. */
  readonly disable?: boolean;
  /** Options of which any value is harmless. */
  readonly set?: readonly Option[];
}

type Methods<O> = {
  [P in Phase]?: (context: Phases[P], reach: Reach<O>) => Promise<void> | void;
};

/** The version of what plugins are written against. It is raised when a plugin that was right before would not work any more. */
export const API_VERSION = 1;

/** A plugin: data, and one method for each phase it has a part in. */
export type PluginSpec<S extends z.ZodObject> = Methods<z.output<S>> & {
  /** What it is called in errors, logs, `after` and `plugins.<name>`: small letters, digits and dashes. */
  readonly name: string;
  /** The version of this interface that it is written for, 1. Only a plugin that comes with cloche may leave it out. */
  readonly api?: number;
  /** One sentence for `cloche plugin list`. */
  readonly description: string;
  /** Key of its options in the configuration; the name when not given. */
  readonly section?: string;
  /** Option names, types, defaults and descriptions: checks, JSON schema and documentation come from here. */
  readonly options: S;
  readonly onByDefault?: boolean;
  readonly project?: ProjectRights<keyof z.input<S> & string>;
  /** Plugins whose taps run before this one's when both are enabled. */
  readonly after?: readonly string[];
  /** Plugins that must be enabled too; it comes after them. */
  readonly needs?: readonly string[];
  /** Why it cannot be enabled yet; then enabling it is an error that says this. */
  readonly unavailable?: string;
  /** For what methods cannot express: tap the hooks by hand. */
  tap?(hooks: Hooks, reach: Reach<z.output<S>>): void;
};

/** A plugin whose option type is sealed inside, so that plugins of all kinds stand in one list. */
export interface Plugin {
  readonly name: string;
  /** The version of the interface that it says it is written for. */
  readonly api: number | undefined;
  /** The file it was loaded from; undefined for what comes with cloche. */
  readonly file?: string;
  readonly description: string;
  readonly section: string;
  readonly options: z.ZodObject;
  readonly onByDefault: boolean;
  readonly project: ProjectRights;
  readonly after: readonly string[];
  readonly needs: readonly string[];
  readonly unavailable: string | undefined;
  /** Taps the hooks of one session with options that `options` has parsed. */
  install(hooks: Hooks, options: unknown, reachWith: <O>(options: O) => Reach<O>): void;
}

/** Seals a plugin; the default export of every plugin's index is what this answers. Throws PLUGIN_SPEC for what no plugin can be. */
export function definePlugin<S extends z.ZodObject>(spec: PluginSpec<S>): Plugin {
  checkSpec(spec);
  return {
    name: spec.name,
    api: spec.api,
    description: spec.description,
    section: spec.section ?? spec.name,
    options: spec.options,
    onByDefault: spec.onByDefault ?? false,
    project: spec.project ?? {},
    after: [...(spec.needs ?? []), ...(spec.after ?? [])],
    needs: spec.needs ?? [],
    unavailable: spec.unavailable,
    install(hooks, options, reachWith) {
      const reach = reachWith(options as z.output<S>);
      tapMethod(hooks, "build", spec, reach);
      tapMethod(hooks, "boot", spec, reach);
      tapMethod(hooks, "provision", spec, reach);
      tapMethod(hooks, "attach", spec, reach);
      tapMethod(hooks, "teardown", spec, reach);
      spec.tap?.(namedHooks(hooks, spec.name), reach);
    },
  };
}

function tapMethod<P extends Phase, S extends z.ZodObject>(
  hooks: Hooks,
  phase: P,
  spec: PluginSpec<S>,
  reach: Reach<z.output<S>>,
): void {
  const method = spec[phase] as Methods<z.output<S>>[P];
  if (!method) return;
  hooks[phase].tapPromise(spec.name, async (context) => {
    await method.call(spec, context as Phases[P], reach);
  });
}
