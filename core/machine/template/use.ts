import { Disposers } from "../../support/disposers.ts";
import { isFailure, messageOf } from "../../support/errors.ts";
import { timed } from "../../support/timings.ts";
import type { Acting } from "../../session.ts";
import type { Cell } from "../containment.ts";
import type { Qemu } from "../qemu.ts";
import { findTemplate, markTemplateUsed } from "./find.ts";
import { prepareRam, restoreMachine, type Ready, type Restoring } from "./restore.ts";
import { templateKey, type Shape } from "./shape.ts";
import { discardTemplate, openTemplates } from "./store.ts";

type Reach = Pick<Acting, "scope" | "signal" | "progress"> & { readonly session: { readonly cacheDir: string } };

/** What would stop a machine that boots just as well, or must never be passed over. */
const NOT_OURS = ["JAIL_UNPROVEN", "JAIL_FAILED", "QEMU_MISSING", "MEMORY_MISSING"];

/**
 * The template of a shape, checked and with its memory ready to be opened; undefined when there is none that is whole. Then, unless there
 * never was one, a line says why, and it is removed so that another is made.
 */
export async function readyTemplate(shape: Shape, reach: Reach): Promise<Ready | undefined> {
  const { signal, session, scope, progress } = reach;
  const key = templateKey(shape);
  return await orBoot(key, reach, async () => {
    const store = await openTemplates(session.cacheDir);
    const found = await timed("the template's check", () => findTemplate(store, key, { signal }));
    if (found.state === "sound") return await prepareRam(found.template, store, { scope, signal });
    if (found.state === "damaged") {
      progress.say(`The template is damaged (${found.reason}): booting instead.`);
      await discardTemplate(store, key);
    }
    return undefined;
  });
}

/** A machine that goes on from a template; undefined when it does not work, and then a line says why. */
export async function restoreOrBoot(cell: Cell, restoring: Restoring, reach: Reach): Promise<Qemu | undefined> {
  const { scope, signal, session } = reach;
  const attempt = new Disposers();
  await scope.defer("the restored machine", () => attempt.close());
  const { key } = restoring.ready.template;
  const qemu = await orBoot(key, reach, () => restoreMachine(cell, restoring, { scope: attempt, signal }));
  if (!qemu) await attempt.close();
  // somebody may prune it meanwhile, and our files stay open
  else void openTemplates(session.cacheDir).then((store) => markTemplateUsed(store, key)).catch(() => {});
  return qemu;
}

async function orBoot<T>(key: string, { signal, progress, session }: Reach, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (NOT_OURS.some((code) => isFailure(error, code))) throw error;
    progress.say(`The template did not work: booting instead. ${messageOf(error).split("\n", 1)[0] ?? ""}`);
    await openTemplates(session.cacheDir).then((store) => discardTemplate(store, key)).catch(() => {});
    return undefined;
  }
}
