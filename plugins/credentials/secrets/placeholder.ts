import { randomInt } from "node:crypto";

// What is the same in all keys of a kind, and says no more than which kind it is.
const PREFIX = /^(sk-ant-(api|oat|ort)\d\d-|sk-proj-|sk-or-v1-|sk-|gh[pousr]_|github_pat_|npm_|glpat-|pypi-|AIza|hf_|xox[abprs]-|ya29\.)/;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const SHORTEST = 32;

/** A random text that looks like a key of the same kind and is worth nothing; as long as the value, but never short. */
export function placeholderFor(value: string): string {
  const [prefix = ""] = PREFIX.exec(value) ?? [];
  const length = Math.max(SHORTEST, value.length - prefix.length);
  return prefix + Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join("");
}
