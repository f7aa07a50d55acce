import { messageOf, type CommandIo, type Invocation } from "../../../core/index.ts";
import { fail } from "../failures.ts";
import { applyChange } from "../review/apply.ts";
import { standsAt } from "../review/base.ts";
import type { Change } from "../review/change.ts";
import { applyEdits, editsBetween, linesOf, mergeEdits, type Edit } from "../review/lines.ts";
import { hunksBetween, isText } from "../review/patch.ts";
import { chosen, closedOf, contentOf, shown, standing, type Pending } from "./pending.ts";

/** Why a change was left as it is. */
type Refusal = "consent" | "conflict" | "refused";

/** `cloche changes apply`: makes changes in the project. Answers 1 when some were left. */
export default async function applyChanges(invocation: Invocation): Promise<number> {
  const pending = await closedOf(invocation);
  const { io } = invocation;
  const left: { readonly change: Change; readonly why: string }[] = [];
  let applied = 0;
  for (const change of chosen(pending, invocation.words)) {
    const { standing: now, consent } = standing(pending, change);
    if (consent !== undefined && !invocation.flags.has("frozen")) left.push({ change, why: `${consent} (--frozen applies it)` });
    else if (now === "done") {
      pending.store.unset(change.path);
      applied++;
    } else {
      const refusal = await applyOne(pending, change, now === "conflict", invocation);
      if (refusal === undefined) applied++;
      else left.push({ change, why: refusal === "refused" ? "you refused it" : "you changed it too (--merge keeps both where it can, --force takes the session's)" });
    }
  }
  tell(io, applied, left);
  if (pending.store.changes.size === 0) pending.store.drop();
  return left.length > 0 ? 1 : 0;
}

function tell(io: CommandIo, applied: number, left: readonly { readonly change: Change; readonly why: string }[]): void {
  for (const { change, why } of left) io.print(`left: ${shown(change.path)}: ${why}`);
  io.print(`${applied === 1 ? "1 change" : `${applied} changes`} applied, ${left.length} left.`);
}

async function applyOne(pending: Pending, change: Change, isConflict: boolean, { flags, io }: Invocation): Promise<Refusal | undefined> {
  const content = contentOf(pending, change);
  const texts = textsOf(pending, change, content);
  if (isConflict && flags.has("merge") && texts) {
    const merged = mergeEdits(editsBetween(texts.before, texts.now), editsBetween(texts.before, texts.after));
    if (merged) return done(pending, change, Buffer.from(applyEdits(texts.before, merged).join(""), "latin1"));
  }
  if (isConflict && !flags.has("force")) return "conflict";
  if (!flags.has("hunks") || !texts || isConflict) {
    if (flags.has("hunks") && !(await io.ask(`Apply ${shown(change.path)}?`))) return "refused";
    return done(pending, change, content);
  }
  return await applyHunks(pending, change, texts, io);
}

/** Asks for each part of a text; what is refused is kept as the change that remains. */
async function applyHunks(pending: Pending, change: Change, { before, after }: Texts, io: CommandIo): Promise<Refusal | undefined> {
  const accepted: Edit[] = [];
  const hunks = hunksBetween(before.join(""), after.join(""));
  for (const { edits, text } of hunks) {
    io.print(`${shown(change.path)}\n${Buffer.from(text, "latin1").toString("utf8").trimEnd()}`);
    if (await io.ask("Apply this part?")) accepted.push(...edits);
  }
  if (hunks.every(({ edits }) => edits.every((edit) => accepted.includes(edit)))) return done(pending, change, contentOf(pending, change));
  if (accepted.length === 0) return "refused";
  write(pending, change, Buffer.from(applyEdits(before, accepted).join(""), "latin1"));
  const { base, content } = standsAt(pending.root, change.path);
  const blob = pending.store.number();
  const writer = pending.store.vault.write(blob);
  writer.add(content ?? Buffer.alloc(0));
  writer.end();
  pending.store.set({ ...change, base: { ...base, blob } });
  return "refused";
}

interface Texts {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly now: readonly string[];
}

/** The lines of a file as it was, as the session left it and as the host has it; undefined when any of them is no text. */
function textsOf(pending: Pending, { path, kind, base }: Change, content: Buffer): Texts | undefined {
  const before = base.blob === undefined ? undefined : pending.store.vault.read(base.blob);
  const now = standsAt(pending.root, path).content;
  if (kind !== "file" || !before || !now || ![before, content, now].every(isText)) return undefined;
  const lines = (text: Buffer) => linesOf(text.toString("latin1"));
  return { before: lines(before), after: lines(content), now: lines(now) };
}

function done(pending: Pending, change: Change, content: Buffer): undefined {
  write(pending, change, content);
  pending.store.unset(change.path);
}

function write(pending: Pending, change: Change, content: Buffer): void {
  try {
    applyChange(pending.root, change, content, pending.store.changes);
  } catch (cause) {
    throw fail("SHARE_APPLY_FAILED", { path: shown(change.path), reason: messageOf(cause) }, { cause });
  }
}
