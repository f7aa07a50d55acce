import type { Look } from "./look.ts";

/** `unmeasured` is for what could not be found out: neither good nor bad, and said so. */
export type State = "ok" | "warn" | "fail" | "unmeasured";

/** What a check found. */
export interface Verdict {
  readonly state: State;
  /** One line: what is there, or what is wrong. */
  readonly found: string;
  /** What to do about it, for people: a sentence or a command. */
  readonly fix?: string;
}

/** One thing that a host must have or should have. */
export interface Check {
  /** Short name, `[a-z-]+`, for `--json`. */
  readonly id: string;
  readonly title: string;
  /** Ids of the needs whose packages bring what this check looks for. */
  readonly needs?: readonly string[];
  run(look: Look): Promise<Verdict>;
}

/** What is there is good. */
export function ok(found: string): Verdict {
  return { state: "ok", found };
}

/** It works, with a drawback that the user should know. */
export function warn(found: string, fix: string): Verdict {
  return { state: "warn", found, fix };
}

/** Machines or images cannot be had before this is mended; an empty fix stands for the packages of the check's needs. */
export function failed(found: string, fix: string): Verdict {
  return { state: "fail", found, fix };
}

/** Nobody knows; says why. */
export function unmeasured(found: string): Verdict {
  return { state: "unmeasured", found };
}
