import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { byteCount } from "../cli/output.ts";
import type { LaunchRequest } from "../attach/launch.ts";
import type { Machine } from "../machine/machine.ts";
import { templateKey } from "../machine/template/shape.ts";
import type { Questions } from "../sessions/questions.ts";
import { usageOf } from "../sessions/usage.ts";
import type { Acting } from "../session.ts";
import { messageOf } from "../support/errors.ts";
import { Interrupted } from "../support/interrupted.ts";
import { fail } from "./failures.ts";
import { draftOf, suspendedFolder, type SessionKeys } from "./store.ts";

/** By this question a session is put on the disk. */
export const SUSPEND_QUESTION = "session.suspend";

const SPARE_BYTES = 64 * 1024 * 1024;
const REDIAL_MS = 5_000;

/** What a session knows of its inside that it needs to go on. */
export interface Inside {
  readonly keys: SessionKeys;
  /** Ends the connection with the guest. */
  close(): void;
}

/** How a detached session is put on the disk: asked by a command, it ends its own command, and is saved instead of being stopped. */
export class Suspension {
  readonly #want = new AbortController();
  readonly #saved = Promise.withResolvers<{ readonly bytes: number }>();
  #inside: Inside | undefined;

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

  /** Offers it to commands. */
  serve(questions: Questions, name: string, stateDir: string): void {
    questions.serve(SUSPEND_QUESTION, z.strictObject({}), async () => {
      if (existsSync(join(suspendedFolder(stateDir), name))) throw fail("SUSPENDED_TAKEN", { name });
      await checkRoom(stateDir);
      // as by a terminal that goes away, which shells and agents heed at once
      this.#want.abort(new Interrupted("SIGHUP"));
      return await this.#saved.promise;
    });
  }

  entered(inside: Inside): void {
    this.#inside = inside;
  }

  /** Saves a machine whose shares are unmounted already, and ends it. Throws SUSPEND_FAILED. */
  async save(machine: Machine, request: LaunchRequest, tty: boolean, { session, signal, scope }: Acting): Promise<void> {
    const { name, project, stateDir } = session;
    const draft = await draftOf(stateDir, name);
    try {
      if (!this.#inside) throw new Error("the guest was not entered yet");
      const { keys, close } = this.#inside;
      close();
      // when the guest dials again, what served the old connection is gone, and will not wait for an answer that cannot come
      await machine.accept(REDIAL_MS, signal).then((again) => again.destroy(), () => {});
      const { machine: saved, bytes } = await machine.save(draft.state, { scope, signal });
      await machine.stop();
      const machineKey = templateKey(saved.shape);
      await draft.seal({ version: 1, name, project, suspended: new Date().toISOString(), machineKey, machine: saved, keys, request, tty, stateBytes: bytes });
      this.#saved.resolve({ bytes });
    } catch (cause) {
      await draft.discard().catch(() => {});
      const error = fail("SUSPEND_FAILED", { name, reason: messageOf(cause) }, { cause });
      this.#saved.reject(error);
      throw error;
    }
  }
}

async function checkRoom(stateDir: string): Promise<void> {
  const folder = suspendedFolder(stateDir);
  const { bavail, bsize } = await statfs(folder);
  const needed = (usageOf([process.pid]).get(process.pid)?.memoryBytes ?? 0) + SPARE_BYTES;
  if (bavail * bsize < needed) throw fail("SUSPEND_NO_ROOM", { folder, needed: byteCount(needed), free: byteCount(bavail * bsize) });
}
