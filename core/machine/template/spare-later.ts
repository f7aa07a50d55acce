import { setTimeout as sleep } from "node:timers/promises";
import { logger } from "../../support/log.ts";
import { messageOf } from "../../support/errors.ts";
import type { Bounds } from "../containment.ts";
import type { Template } from "./find.ts";
import { mapsReadOnly } from "./restore.ts";

const log = logger("template");

// A session of seconds is better left all of the processor.
const AFTER_MS = 5_000;
// After each 4 MiB, which take some 10 ms.
const REST_MS = 15;

/**
 * Has the copy that the next start will need, where QEMU needs one, made while this session works, and swept what others left. It is given
 * up when the scope ends; what fails is no session's loss.
 */
export async function planSpare(template: Template, cacheDir: string, { scope }: Pick<Bounds, "scope">, afterMs: number = AFTER_MS): Promise<void> {
  if (mapsReadOnly(template.manifest.qemu)) return;
  const stop = new AbortController();
  let making: Promise<void> | undefined;
  const timer = setTimeout(() => {
    making = make(template, cacheDir, stop.signal).catch((error: unknown) => log("no spare copy: %s", messageOf(error)));
  }, afterMs);
  await scope.defer("give up the spare copy of the template", async () => {
    clearTimeout(timer);
    stop.abort();
    await making;
  });
}

async function make(template: Template, cacheDir: string, signal: AbortSignal): Promise<void> {
  const [{ sweepCopies }, { makeSpare }, { openTemplates }] = await Promise.all([import("./prune.ts"), import("./spare-copy.ts"), import("./store.ts")]);
  const store = await openTemplates(cacheDir);
  await sweepCopies(store);
  await makeSpare(template, store, signal, async () => await sleep(REST_MS, undefined, { signal }));
}
