import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { takeLock, tryLock } from "../../image/lock.ts";
import { messageOf } from "../../support/errors.ts";
import { logger } from "../../support/log.ts";
import { findTemplate } from "./find.ts";
import { freezeTemplate } from "./freeze.ts";
import { pruneTemplates, sweepTemplates } from "./prune.ts";
import { mapsReadOnly } from "./restore.ts";
import { templateKey, type Shape } from "./shape.ts";
import { makeSpare } from "./spare-copy.ts";
import { openTemplates, type TemplateStore } from "./store.ts";

const log = logger("template");

/** How and where a template is made. */
export interface MakeOptions {
  readonly cacheDir: string;
  readonly bootDeadlineMs: number;
  readonly signal: AbortSignal;
  /** Whether to wait for another who makes it just now; else nothing is done then. */
  readonly wait: boolean;
  /** Makes it anew though there is one. */
  readonly rebuild?: boolean | undefined;
  /** Hears what is done next. */
  step?(what: string): void;
}

/**
 * Makes the template of a shape unless there is one that is whole, and the copy that its first start will need where QEMU needs one. Of
 * several at once, one makes it; what it leaves when it is killed, the lock's holder removes. Answers the template's key.
 */
export async function makeTemplate(
  shape: Shape,
  { cacheDir, bootDeadlineMs, signal, wait, rebuild = false, step = () => {} }: MakeOptions,
  freeze: typeof freezeTemplate = freezeTemplate,
): Promise<string> {
  const key = templateKey(shape);
  const store = await openTemplates(cacheDir);
  const drafts = join(store.drafts, key);
  await mkdir(drafts, { recursive: true, mode: 0o700 });
  const place = { lock: join(store.locks, key), drafts };
  const lock = wait ? await takeLock(place, signal, () => step("waiting for another cloche that makes it")) : await tryLock(place, signal);
  if (!lock) return key;
  await using _lock = lock;
  for (const name of await readdir(drafts)) await rm(join(drafts, name), { recursive: true, force: true });
  await sweepTemplates(store);
  await pruneTemplates(store, { keep: key });
  if (!rebuild && (await findTemplate(store, key, { full: wait, signal })).state === "sound") {
    await leaveCopy(store, key, { signal, step });
    return key;
  }
  const draft = join(drafts, `${process.pid}`);
  await mkdir(draft, { mode: 0o700 });
  try {
    await freeze(shape, { store, draft, bootDeadlineMs, signal, step });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  await leaveCopy(store, key, { signal, step });
  return key;
}

/** Where it cannot be left, as on a full disk, the first start makes its own. */
async function leaveCopy(store: TemplateStore, key: string, { signal, step }: Required<Pick<MakeOptions, "signal" | "step">>): Promise<void> {
  const found = await findTemplate(store, key, { signal });
  if (found.state !== "sound" || mapsReadOnly(found.template.manifest.qemu)) return;
  step("copying");
  try {
    await makeSpare(found.template, store, signal);
  } catch (error) {
    signal.throwIfAborted();
    log("no spare copy: %s", messageOf(error));
  }
}
