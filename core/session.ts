import type { Launch, LaunchRequest } from "./attach/launch.ts";
import type { Notices } from "./attach/notices.ts";
import type { StatusLine } from "./attach/status-line.ts";
import type { Hooks } from "./hooks.ts";
import type { Image } from "./image/image.ts";
import type { Recipe } from "./image/recipe.ts";
import type { MachinePlan } from "./machine/draft.ts";
import type { Guest } from "./machine/guest.ts";
import type { Machine } from "./machine/machine.ts";
import type { SessionFacts } from "./plugin.ts";
import type { Disposers } from "./support/disposers.ts";
import type { Questions } from "./sessions/questions.ts";
import type { Progress } from "./support/progress.ts";
import type { Wishes } from "./wishes.ts";

/** What is given to every act of the host: where to put what must be undone, when to give up, and whom to tell. */
export interface Acting {
  readonly session: SessionFacts;
  readonly scope: Disposers;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** What is given to the act that couples the terminal, besides. */
export interface Attaching extends Acting {
  readonly request: LaunchRequest;
  readonly notices: Notices;
  readonly status: StatusLine;
}

/** What the phases do to the outside world; the one port that unit tests replace. */
export interface Host {
  /** A recipe → an image, from the cache where there is one. */
  buildImage(recipe: Recipe, acting: Acting): Promise<Image>;
  /** An image and devices → a running machine in its jail. */
  startMachine(image: Image, plan: MachinePlan, acting: Acting): Promise<Machine>;
  /** Makes the template that such a machine goes on from, unless there is one; answers its key, or undefined when there is to be none. */
  freezeTemplate(image: Image, plan: MachinePlan, acting: Acting): Promise<string | undefined>;
  /** A machine → a seeded guest, which takes commands of ours; what needs SSH waits for it. */
  enterGuest(machine: Machine, acting: Acting): Promise<EnteredGuest>;
  /** A ready guest → a control socket, by which later commands reach it and ask their questions. */
  openControl(guest: Guest, launch: Launch, questions: Questions, attaching: Attaching): Promise<void>;
  /** The user's command on the user's terminal → its exit status. */
  attach(guest: Guest, launch: Launch, attaching: Attaching): Promise<number>;
  /** Whether the machine goes on where another session left it. */
  readonly isResumed?: boolean;
  /** How the session is put on the disk when that is wanted, for sessions that can be. */
  readonly suspension?: { readonly isWanted: boolean; save(machine: Machine, acting: Attaching): Promise<void> };
}

/** A guest that may not be reached over SSH yet. */
export interface EnteredGuest extends Guest {
  /** Waits until it is; throws why it cannot be. */
  reached?(): Promise<void>;
}

/** What one run shares: made when it starts, gone when it ends. */
export interface Session extends Attaching {
  readonly hooks: Hooks;
  readonly host: Host;
  /** What commands may ask it while it runs. */
  readonly questions: Questions;
  readonly recipe: { readonly suite: string; readonly packages: readonly string[] };
  readonly wishes: Wishes;
  /** Failures of teardown taps, which do not stop the others. */
  readonly teardownErrors: Error[];
}
