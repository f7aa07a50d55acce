import { watch, type FSWatcher } from "node:fs";
import { escapeLine, type Held, type Holds, type HoldWish, type Logger, type Machine, type NotHeld } from "../../../core/index.ts";
import { fail } from "../failures.ts";
import { below, nameOf, parentOf, textOf, toBuffer, type Bytes } from "../tree/bytes.ts";
import { kindAt } from "../tree/look.ts";
import type { Placeholders } from "./placeholders.ts";

/** What a guard works with. */
export interface GuardSetting {
  readonly machine: Pick<Machine, "paused">;
  readonly holds: Holds;
  readonly tag: string;
  readonly project: Bytes;
  /** What is to be held, by how the tree looks now. */
  plan(): readonly HoldWish[];
  readonly placeholders: Placeholders;
  /** Hears of a path that somebody on the host replaced or removed, and that is held anew. */
  onReplaced(path: Bytes): void;
  /** Hears that the guest may have changed a frozen file in the moment in which it was not held. */
  onLost(cause: Error): void;
  readonly log: Logger;
}

/** How often holding is tried anew when the tree changes in the meantime. */
const TRIES = 3;
const MOST = 2000;

/**
 * Holds everything that is frozen, and watches it: a mount goes with the file under it when somebody on the host replaces that, as
 * plain `git config` does. Then the guest stands still until the new file is held. Answers how to end it. Throws SHARE_NOT_FROZEN.
 */
export async function startGuard(setting: GuardSetting): Promise<{ readonly count: number; end(): void }> {
  let { wishes } = await holdAll(setting);
  const watchers = new Map<Bytes, FSWatcher>();
  let ended = false;
  let due = Promise.resolve();
  const look = (): void => {
    due = due.then(() => repair()).catch((error: unknown) => {
      if (!ended) setting.onLost(error as Error);
    });
  };
  const repair = async (): Promise<void> => {
    if (ended) return;
    const missing = notHeld(setting, wishes);
    if (missing.length === 0) return;
    await setting.machine.paused(async () => {
      const again = await holdAll(setting, missing);
      wishes = again.wishes;
      const writing = setting.holds.writing();
      const open = again.held.find(({ path, inode }) => writing.has(inode) && missing.some((gone) => gone.path === path));
      if (open) throw fail("SHARE_FROZEN_OPEN", { path: shown(open.path) });
    });
    watchAll();
    for (const { path } of missing) setting.onReplaced(path);
  };
  const watchAll = (): void => {
    const expected = new Map<Bytes, Set<Bytes>>();
    for (const { path } of wishes) expected.set(parentOf(path), (expected.get(parentOf(path)) ?? new Set()).add(nameOf(path)));
    for (const directory of watchers.keys()) close(watchers, directory);
    for (const [directory, names] of expected) {
      try {
        const watcher = watch(toBuffer(below(setting.project, directory)), { encoding: "latin1", persistent: false }, (_event, name) => {
          if (name === null || names.has(name)) look();
        });
        watcher.on("error", () => close(watchers, directory));
        watchers.set(directory, watcher);
      } catch (error) {
        setting.log("cannot watch %s: %o", escapeLine(textOf(directory)), error);
      }
    }
    look(); // for what happened before it was watched
  };
  watchAll();
  return {
    count: wishes.filter(({ kind }) => kind === "fixed").length,
    end() {
      ended = true;
      for (const directory of watchers.keys()) close(watchers, directory);
    },
  };
}

function close(watchers: Map<Bytes, FSWatcher>, directory: Bytes): void {
  watchers.get(directory)?.close();
  watchers.delete(directory);
}

interface Outcome {
  readonly wishes: readonly HoldWish[];
  readonly held: readonly Held[];
}

/** Holds all that is planned, and what was held before and is gone; the tree may change meanwhile, so it is tried anew. */
async function holdAll(setting: GuardSetting, before: readonly HoldWish[] = []): Promise<Outcome> {
  for (let attempt = 1; ; attempt++) {
    const wishes = withVanished(setting, before);
    if (wishes.length > MOST) throw fail("SHARE_TOO_MANY_FROZEN", { count: wishes.length, most: MOST });
    setting.placeholders.add(wishes.flatMap(({ path, placeholder }) => (placeholder ? [[path, placeholder] as const] : [])));
    const outcomes = await setting.holds.hold(setting.tag, wishes);
    const failed = outcomes.find((outcome): outcome is NotHeld => "error" in outcome);
    if (failed === undefined) {
      const held = outcomes as readonly Held[];
      setting.placeholders.adopt(held.filter(({ made }) => !made).map(({ path }) => path));
      return { wishes, held };
    }
    setting.log("%s is not held: %s", escapeLine(textOf(failed.path)), failed.error);
    if (attempt === TRIES) throw fail("SHARE_NOT_FROZEN", { path: shown(failed.path), error: failed.error });
  }
}

/** The plan, and besides it what was frozen only because it was there, and went while its directory stayed. */
function withVanished({ plan, project }: GuardSetting, before: readonly HoldWish[]): readonly HoldWish[] {
  const wishes = new Map(plan().map((wish) => [wish.path, wish]));
  for (const { path, kind } of before) {
    const covered = wishes.has(path) || [...wishes.values()].some((wish) => wish.kind === "fixed" && path.startsWith(`${wish.path}/`));
    if (covered || kind !== "fixed" || kindAt(project, parentOf(path) || ".") !== "directory") continue;
    wishes.set(path, { path, kind: "fixed", placeholder: "directory" });
  }
  return [...wishes.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
}

function notHeld({ holds, tag }: GuardSetting, wishes: readonly HoldWish[]): readonly HoldWish[] {
  const held = holds.held(tag, wishes.map(({ path }) => path));
  return wishes.filter(({ path }) => !held.has(path));
}

function shown(path: Bytes): string {
  return escapeLine(textOf(path));
}
