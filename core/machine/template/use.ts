import { Disposers } from "../../support/disposers.ts";
import { isFailure, messageOf } from "../../support/errors.ts";
import { timed } from "../../support/timings.ts";
import type { Acting } from "../../session.ts";
import type { Cell, JailBind } from "../containment.ts";
import type { Qemu } from "../qemu.ts";
import { findTemplate, markTemplateUsed } from "./find.ts";
import { restoreMachine } from "./restore.ts";
import { templateKey, type Shape } from "./shape.ts";
import { discardTemplate, openTemplates } from "./store.ts";

/** What would stop a machine that boots just as well, or must never be passed over. */
const NOT_OURS = ["JAIL_UNPROVEN", "JAIL_FAILED", "QEMU_MISSING", "MEMORY_MISSING"];

/**
 * A machine that goes on from the template of its shape; undefined when there is none that works, and then, unless there never was
 * one, a line says why and the template is removed so that another is made.
 */
export async function restoreIfFrozen(
  cell: Cell,
  shape: Shape,
  binds: readonly JailBind[],
  { scope, signal, progress, session }: Pick<Acting, "scope" | "signal" | "progress" | "session">,
): Promise<Qemu | undefined> {
  const key = templateKey(shape);
  const attempt = new Disposers();
  await scope.defer("the restored machine", () => attempt.close());
  try {
    const store = await openTemplates(session.cacheDir);
    const found = await timed("the template's check", () => findTemplate(store, key, { signal }));
    if (found.state === "absent") return undefined;
    if (found.state === "sound") {
      const qemu = await restoreMachine(cell, { shape, template: found.template, store, binds }, { scope: attempt, signal });
      await markTemplateUsed(store, key).catch(() => {}); // somebody pruned it meanwhile, and our files stay open
      return qemu;
    }
    progress.say(`The template is damaged (${found.reason}): booting instead.`);
    await discardTemplate(store, key);
  } catch (error) {
    signal.throwIfAborted();
    if (NOT_OURS.some((code) => isFailure(error, code))) throw error;
    progress.say(`The template did not work: booting instead. ${firstLine(messageOf(error))}`);
    await attempt.close();
    await openTemplates(session.cacheDir).then((store) => discardTemplate(store, key)).catch(() => {});
  }
  return undefined;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}
