import { AsyncParallelHook, AsyncSeriesHook, type Tap } from "tapable";
import type { LaunchDraft } from "./attach/launch.ts";
import type { RecipeDraft } from "./image/recipe.ts";
import type { MachineDraft } from "./machine/draft.ts";
import type { Guest } from "./machine/guest.ts";
import { fail } from "./failures.ts";
import { Overlap, type ComesAfter } from "./overlap.ts";
import { withDeadline } from "./support/deadline.ts";
import { timed } from "./support/timings.ts";
import { ClocheError, messageOf } from "./support/errors.ts";

/** The life of a session, and what each phase hands to its taps; core acts on it once they have all run. */
export interface Phases {
  /** The image is being described: add packages, files, commands, layers. */
  build: RecipeDraft;
  /** QEMU is about to start: add devices, shares, listeners. */
  boot: MachineDraft;
  /** The guest answers over SSH: mount, configure, start services. Plugins of cloche's own that do not come after each other do it at once. */
  provision: Guest;
  /** The user's command is about to start: say how the agent is launched, add to its environment. */
  attach: LaunchDraft;
  /** The machine is about to go: take out what must outlive it. Every tap runs, whichever fail. */
  teardown: Guest;
}

/** One of the five phases, by its name. */
export type Phase = keyof Phases;
/** The hooks of one session, one a phase; a plugin's methods are taps on them. */
export type Hooks = { readonly [P in Phase]: AsyncSeriesHook<[Phases[P]]> };

/** The phases in their order. */
export const PHASES = ["build", "boot", "provision", "attach", "teardown"] as const satisfies readonly Phase[];

/** What the hooks of one session need: taps cannot be removed, so each session makes new ones. */
export interface HookOptions {
  readonly signal: AbortSignal;
  /** Longest that one tap of the phase may take, in ms. */
  readonly deadlineMs: Readonly<Record<Phase, number>>;
  /** Plugins whose taps of provision may overlap with those of others, each with the ones that it comes after; none when not given. */
  readonly comesAfter?: ComesAfter;
  /** Hears of a failed teardown tap, which does not stop the others. */
  onTeardownError(error: ClocheError): void;
}

/** Makes the five hooks; each names the plugin that fails, and ends a tap that hangs. */
export function makeHooks(options: HookOptions): Hooks {
  const hooks: Hooks = {
    build: new AsyncSeriesHook(["recipe"], "build"),
    boot: new AsyncSeriesHook(["machine"], "boot"),
    // calls all taps at once; `guard` has them wait for each other
    provision: new AsyncParallelHook(["guest"], "provision"),
    attach: new AsyncSeriesHook(["launch"], "attach"),
    teardown: new AsyncSeriesHook(["guest"], "teardown"),
  };
  for (const phase of PHASES) guard(hooks[phase] as AsyncSeriesHook<[unknown]>, phase, options);
  return hooks;
}

function guard(hook: AsyncSeriesHook<[unknown]>, phase: Phase, options: HookOptions): void {
  const overlap = phase === "provision" ? new Overlap(options.comesAfter ?? new Map()) : undefined;
  hook.intercept({
    call: () => overlap?.begin(),
    register: (tap) => {
      const { name } = tap;
      const fn = tap.fn as (context: unknown) => unknown;
      const run = async (context: unknown): Promise<void> => {
        await (overlap ? overlap.inTurn(tap as Tap, () => whole(context)) : whole(context));
      };
      const whole = async (context: unknown): Promise<void> => {
        try {
          await timed(`${phase}: ${name}`, () => limited(() => fn(context), name, phase, options));
        } catch (cause) {
          const error = blame(cause, name, phase, options.signal);
          if (phase !== "teardown") throw error;
          options.onTeardownError(error as ClocheError);
        }
      };
      // tapable leaves the promise of an async function given to plain `tap` floating; as a promise tap it is awaited
      return { ...tap, type: "promise", fn: run } as Tap & { type: "promise"; fn: typeof run };
    },
  });
}

async function limited(work: () => unknown, plugin: string, phase: Phase, options: HookOptions): Promise<void> {
  const deadlineMs = options.deadlineMs[phase];
  const late = () => fail("PLUGIN_LATE", { plugin, phase, deadlineMs });
  await withDeadline(Promise.resolve().then(work), deadlineMs, late, phase === "teardown" ? undefined : options.signal);
}

function blame(cause: unknown, plugin: string, phase: Phase, signal: AbortSignal): unknown {
  if (signal.aborted && cause === signal.reason && phase !== "teardown") return cause;
  if (cause instanceof ClocheError && cause.code === "PLUGIN_LATE") return cause;
  const hint = cause instanceof ClocheError ? cause.hint : undefined;
  return fail("PLUGIN_FAILED", { plugin, phase, reason: messageOf(cause), hint }, { cause });
}
