import type { Launch, LaunchRequest } from "../core/attach/launch.ts";
import type { Recipe } from "../core/image/recipe.ts";
import { live } from "../core/lifecycle.ts";
import type { MachinePlan } from "../core/machine/draft.ts";
import { openSession } from "../core/open-session.ts";
import { guardedOptions } from "../core/outside/guarded-options.ts";
import { definePlugin, type Plugin, type SessionFacts } from "../core/plugin.ts";
import type { Services } from "../core/services.ts";
import { Disposers } from "../core/support/disposers.ts";
import { z } from "zod";
import { fakeHost, type Answers } from "./fake-host.ts";

/** How a rehearsal is set. */
export interface Setting {
  /** The plugin's options as a user would write them; checked, and filled with the defaults. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** What the user runs; the agent when not given. */
  readonly request?: LaunchRequest;
  /** Services that other plugins would lend. */
  readonly services?: Partial<Services>;
  readonly session?: Partial<SessionFacts>;
  /** What commands in the guest answer. */
  readonly answers?: Answers;
}

/** What a plugin did in a life without a machine. */
export interface Rehearsal {
  /** What the image would contain. */
  readonly recipe: Recipe | undefined;
  /** What the machine would have. */
  readonly plan: MachinePlan | undefined;
  /** How the user's command would be started. */
  readonly launch: Launch | undefined;
  /** Files written in the guest, by their paths. */
  readonly files: Readonly<Record<string, string>>;
  /** All that happened, in order: commands of the guest as they were given, and what the life itself did. */
  readonly told: readonly string[];
  /** Lines for the user. */
  readonly said: readonly string[];
  /** Why it ended, if it failed. */
  readonly error: unknown;
}

/**
 * Lives a whole life with one plugin and a host that only writes down what it is asked. Throws when the options are not valid, and
 * lets a plugin fail that reads an option it does not have.
 */
export async function rehearse(plugin: Plugin, setting: Setting = {}): Promise<Rehearsal> {
  const { told, seen, host } = fakeHost({}, setting.answers);
  const said: string[] = [];
  const scope = new Disposers();
  let error: unknown;
  try {
    const session = openSession({
      acting: { session: factsOf(setting), scope, signal: new AbortController().signal, progress: { step() {}, update() {}, say: (line) => void said.push(line) } },
      host,
      plugins: [{ plugin: lenderOf(setting.services ?? {}), options: {} }, { plugin: alone(plugin), options: guardedOptions(plugin, plugin.options.parse(setting.options ?? {})) }],
      known: [plugin.name],
      recipe: { suite: "trixie", packages: [] },
      request: setting.request ?? { kind: "exec", argv: ["true"] },
    });
    await live(session);
  } catch (reason) {
    error = reason;
  }
  await scope.close().catch((reason: unknown) => (error ??= reason));
  return { recipe: seen.recipe, plan: seen.plan, launch: seen.launch, files: seen.files, told, said, error };
}

function factsOf({ session }: Setting): SessionFacts {
  const nowhere = "/nowhere/of/cloche";
  return { name: "rehearsal", project: "/project", runDir: `${nowhere}/run`, cacheDir: `${nowhere}/cache`, stateDir: `${nowhere}/state`, frozen: [], hostEnv: {}, ...session };
}

/** What it comes after is not there. */
function alone(plugin: Plugin): Plugin {
  return { ...plugin, after: [], needs: [] };
}

function lenderOf(services: Partial<Services>): Plugin {
  return definePlugin({
    name: "rehearsal",
    description: "Lends what a test gives.",
    options: z.strictObject({}),
    build(_recipe, { provide }) {
      for (const [name, service] of Object.entries(services)) provide(name as never, service as never);
    },
  });
}
