import { statSync } from "node:fs";
import { Disposers } from "../../support/disposers.ts";
import { messageOf } from "../../support/errors.ts";
import { logger } from "../../support/log.ts";
import { timed } from "../../support/timings.ts";
import { hostContainment, type Cell, type Containment, type JailBind } from "../containment.ts";
import type { Qemu } from "../qemu.ts";
import { findTemplate, type Template } from "../template/find.ts";
import { prepareRam, restoreMachine, type Restored, type Restoring } from "../template/restore.ts";
import { templateKey, type Shape } from "../template/shape.ts";
import { openTemplates, type TemplateStore } from "../template/store.ts";
import { keepStart, lastStart, textOf, type MachineFacts } from "./last-start.ts";

const log = logger("ahead");

/** Where starts are kept, by which key, and when to give up. */
export interface AheadOptions {
  readonly cacheDir: string;
  readonly key: string;
  readonly signal: AbortSignal;
  /** The host's own when not given. */
  readonly containment?: Pick<Containment, "openCell">;
}

/** A machine that was begun ahead and is just what is wanted. */
export interface TakenMachine {
  readonly cell: Cell;
  /**
   * Answers it when its guest waits for its seed; undefined when it does not come that far, whatever the reason. The scope ends it.
   * `onStarted` is called when there is nothing to do but to wait for it.
   */
  goOn(scope: Disposers, onStarted?: () => void): Promise<Restored | undefined>;
}

interface Begun {
  /** All that it was made from. */
  readonly text: string;
  readonly cell: Cell;
  readonly template: Template;
  readonly restored: Promise<Qemu>;
  /** Of the directories and files in its jail, by what they were when it was begun. */
  readonly identities: string;
}

/**
 * Begins a machine like the last one of the same key, while it is still found out what is wanted now: QEMU starts and takes its state, and
 * its guest waits for its seed, without which it is nobody's. Only when all that it was made from turns out to be what is wanted it can be
 * given one; else it is ended. Whoever makes one closes it.
 */
export class MachineAhead implements AsyncDisposable {
  readonly #options: AheadOptions;
  readonly #cellScope = new Disposers();
  readonly #machineScope = new Disposers();
  #begun: Begun | undefined;
  #isTaken = false;

  constructor(options: AheadOptions) {
    this.#options = options;
  }

  /**
   * Begins it, when there was a start of this key, and answers when QEMU starts, or is given a copy of the template. What fails shows in
   * nothing but that there is no such machine.
   */
  async begin(): Promise<void> {
    const { cacheDir, key, signal } = this.#options;
    const facts = lastStart(cacheDir, key);
    if (facts === undefined) return;
    signal.throwIfAborted();
    try {
      this.#begun = await this.#begin(facts);
    } catch (error) {
      log("not begun: %s", messageOf(error));
      await this.close();
      signal.throwIfAborted();
    }
  }

  async #begin(facts: MachineFacts): Promise<Begun> {
    const { signal, containment = hostContainment() } = this.#options;
    const { shape, localRanges, binds } = facts;
    const making = timed("the jail's network", () => containment.openCell(localRanges, { scope: this.#cellScope, signal }));
    const [cell, { template, store }] = await Promise.all([making, this.#template(shape)]);
    const identities = identitiesOf(binds);
    const started = Promise.withResolvers<void>();
    const restored = this.#restore(cell, { template, store, shape, binds, onStarted: started.resolve });
    restored.catch((error: unknown) => log("%s", messageOf(error)));
    // QEMU needs a while, in which all that follows is done; where a copy has to be made for it, that is the longer one
    await Promise.race([started.promise, restored.catch(() => {})]);
    return { text: textOf(facts), cell, template, restored, identities };
  }

  async #template(shape: Shape): Promise<{ template: Template; store: TemplateStore }> {
    const { cacheDir, signal } = this.#options;
    const store = await openTemplates(cacheDir);
    const found = await timed("the template's check", () => findTemplate(store, templateKey(shape), { signal }));
    if (found.state !== "sound") throw new Error(`the template is ${found.state}`);
    return { template: found.template, store };
  }

  async #restore(cell: Cell, { template, store, ...restoring }: Omit<Restoring, "ready"> & { template: Template; store: TemplateStore }): Promise<Qemu> {
    const bounds = { scope: this.#machineScope, signal: this.#options.signal };
    const ready = await prepareRam(template, store, bounds, restoring.onStarted);
    return await restoreMachine(cell, { ...restoring, ready }, bounds);
  }

  /**
   * The machine that was begun, when it is what is wanted; else it is ended, now and without being waited for. Without facts nothing that
   * could be begun ahead is wanted.
   */
  async take(wanted: MachineFacts | undefined, scope: Disposers): Promise<TakenMachine | undefined> {
    const begun = this.#begun;
    if (begun === undefined) return undefined;
    if (wanted === undefined || textOf(wanted) !== begun.text || identitiesOf(wanted.binds) !== begun.identities) {
      log("something else is wanted");
      this.close().catch((error: unknown) => log("%s", messageOf(error)));
      return undefined;
    }
    this.#isTaken = true;
    await scope.defer("the cell that was begun ahead", () => this.#cellScope.close());
    const goOn = async (given: Disposers, onStarted?: () => void): Promise<Restored | undefined> => {
      await given.defer("the machine that was begun ahead", () => this.#machineScope.close());
      this.#options.signal.throwIfAborted();
      onStarted?.();
      try {
        return { qemu: await begun.restored, template: begun.template };
      } catch {
        this.#options.signal.throwIfAborted();
        await this.#machineScope.close();
        return undefined;
      }
    };
    return { cell: begun.cell, goOn };
  }

  /** Keeps what a machine was made from, for the next start; not to be waited for. */
  keep(facts: MachineFacts): void {
    const { cacheDir, key } = this.#options;
    void keepStart(cacheDir, key, facts).catch((error: unknown) => log("not kept: %s", messageOf(error)));
  }

  /** Ends what was begun. Throws an AggregateError of what failed at that. */
  async close(): Promise<void> {
    await this.#machineScope.close();
    await this.#cellScope.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close().catch((error: unknown) => {
      // of one that was taken, the scope that it was given to has said it
      if (!this.#isTaken) throw error;
    });
  }
}

/** What these paths lead to, if to anything: a jail that was made earlier still shows what was there then. */
function identitiesOf(binds: readonly JailBind[]): string {
  const facts = binds.map(({ source }) => statSync(source, { bigint: true, throwIfNoEntry: false }));
  return facts.map((found) => (found ? `${found.dev}:${found.ino}` : "gone")).join(" ");
}
