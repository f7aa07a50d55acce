import { fail } from "./failures.ts";

/** Longest name of a session, in characters: it is part of a socket's path, which is short. */
export const LONGEST_NAME = 40;

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

const MANNERS = [
  "amber", "bold", "brave", "bright", "brisk", "calm", "clear", "cosy", "crisp", "dewy", "early", "fair", "fresh", "gentle",
  "glad", "golden", "green", "happy", "hardy", "keen", "kind", "late", "lively", "lucky", "mellow", "merry", "mild", "neat",
  "noble", "patient", "plain", "proud", "quick", "quiet", "rosy", "shady", "silver", "sunny", "tall", "tender", "tidy", "warm",
] as const;

const PLANTS = [
  "alder", "aster", "basil", "bean", "birch", "bramble", "cedar", "chive", "clover", "cress", "daisy", "dill", "elder", "fennel",
  "fern", "fig", "gorse", "hazel", "heather", "holly", "iris", "ivy", "juniper", "kale", "larch", "laurel", "leek", "lilac",
  "lily", "linden", "maple", "mint", "moss", "myrtle", "olive", "parsley", "pea", "pine", "poppy", "quince", "rowan", "rye",
  "sage", "sorrel", "squash", "tansy", "thistle", "thyme", "tulip", "violet", "walnut", "willow", "yarrow", "yew",
] as const;

/** The user's name for a session, checked; throws SESSION_NAME_INVALID. */
export function checkedName(name: string): string {
  if (!isName(name)) throw fail("SESSION_NAME_INVALID", { name, longest: LONGEST_NAME });
  return name;
}

/** Whether a text may be the name of a session, and so of a directory among the sessions. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

/** A friendly name such as "quiet-fern"; from the second attempt on with a number, so that a free one is found. */
export function inventedName(attempt: number): string {
  const name = `${pick(MANNERS)}-${pick(PLANTS)}`;
  return attempt <= 1 ? name : `${name}-${2 + below(998)}`;
}

function pick(words: readonly string[]): string {
  return words[below(words.length)] ?? "plain";
}

// a name is no secret, and loading node:crypto takes a tenth of the time of a command in a running session
function below(end: number): number {
  return Math.floor(Math.random() * end);
}
