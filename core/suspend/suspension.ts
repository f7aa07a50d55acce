import { z } from "zod";
import type { Machine } from "../machine/machine.ts";
import type { Questions } from "../sessions/questions.ts";
import type { Disposers } from "../support/disposers.ts";
import type { Acting } from "../session.ts";
import { messageOf } from "../support/errors.ts";
import { Interrupted } from "../support/interrupted.ts";
import { timed } from "../support/timings.ts";
import { fail, named } from "./failures.ts";
import { draftWithRoom } from "./room.ts";
import { isSaved, VERSION, type SavedCommand, type SavedDraft, type SessionKeys } from "./store.ts";

/** By this question a session is put on the disk. */
export const SUSPEND_QUESTION = "session.suspend";

const REDIAL_MS = 5_000;

/** What a session knows of its inside that it needs to go on. */
export interface Inside {
  readonly keys: SessionKeys;
  readonly done: ReadonlyMap<string, string>;
  /** Takes the directories of the host from the guest, and ends what uses them. */
  release(): Promise<void>;
  /** Ends the connection with the guest. */
  close(): void;
}

/** How a detached session is put on the disk: asked by a command, it ends its own command, and is saved instead of being stopped. */
export class Suspension {
  readonly #want = new AbortController();
  readonly #saved = Promise.withResolvers<{ readonly bytes: number }>();
  #inside: Inside | undefined;
  #draft: Promise<SavedDraft> | undefined;

  constructor() {
    this.#saved.promise.catch(() => {}); // whoever asked hears it
  }

  /** Aborts when somebody wants it. */
  get wanted(): AbortSignal {
    return this.#want.signal;
  }

  get isWanted(): boolean {
    return this.#want.signal.aborted;
  }

  /**
   * Offers it to commands; `diskBy` is the option by which the session has a disk of its own, which would not be saved. What was begun
   * when the session ends in another way, is discarded with the scope.
   */
  async serve(questions: Questions, { name, stateDir, limitBytes, diskBy }: { readonly name: string; readonly stateDir: string; readonly limitBytes: number; readonly diskBy: string | undefined }, scope: Disposers): Promise<void> {
    await scope.defer("discard what was not put on the disk", async () => await (await this.#draft?.catch(() => undefined))?.discard());
    questions.serve(SUSPEND_QUESTION, z.strictObject({}), async () => {
      if (diskBy !== undefined) throw fail("SAVED_DISK", { session: name, setting: diskBy });
      if (isSaved(stateDir, "suspended", name)) throw fail("SAVED_TAKEN", named("suspended", name));
      this.#draft ??= draftWithRoom(stateDir, "suspended", limitBytes);
      await this.#draft.catch((error: unknown) => {
        this.#draft = undefined; // there may be room the next time
        throw error;
      });
      // as by a terminal that goes away, which shells and agents heed at once
      this.#want.abort(new Interrupted("SIGHUP"));
      return await this.#saved.promise;
    });
  }

  entered(inside: Inside): void {
    this.#inside = inside;
  }

  /** Saves a machine whose shares are unmounted already, and ends it. Throws SUSPEND_FAILED. */
  async save(machine: Machine, command: SavedCommand, { session, signal }: Acting): Promise<void> {
    const { name, project } = session;
    const draft = await this.#draft;
    if (!draft) throw new Error("nobody asked for it");
    try {
      if (!this.#inside) throw new Error("the guest was not entered yet");
      const { keys, done, release, close } = this.#inside;
      // what cannot go on ends now, when nobody waits for the session
      await timed("what uses the host's directories", release);
      close();
      // when the guest dials again, what served the old connection is gone, and what will serve the next one is in its memory
      await machine.accept(REDIAL_MS, signal).then((again) => again.destroy(), () => {});
      const { saved } = await machine.save(draft.machine, signal);
      await machine.stop();
      await draft.seal({ version: VERSION, name, session: name, project, saved: new Date().toISOString(), machine: saved, keys, done: Object.fromEntries(done), ...command });
      this.#saved.resolve({ bytes: saved.bytes });
    } catch (cause) {
      await draft.discard().catch(() => {});
      const error = fail("SUSPEND_FAILED", { name, reason: messageOf(cause) }, { cause });
      this.#saved.reject(error);
      throw error;
    }
  }
}
