import { createHash } from "node:crypto";
import { textsOf } from "../config/sources.ts";
import type { Ask } from "../config/trust.ts";
import { isRaw } from "../config/values.ts";
import { messageOf } from "../support/errors.ts";
import { readCode, type Code } from "./code.ts";

/** What a project asks for, as it is put before the user. */
export interface TrustRequest {
  readonly project: string;
  /** The file of the project that asks. */
  readonly file: string;
  /** Of all of it, the code's files included; an answer is for this and for nothing else. */
  readonly hash: string;
  /** What is left to decide. */
  readonly asks: readonly Ask[];
  /** The plugins of the project, with all that they import. */
  readonly code: readonly Code[];
  /** Why it cannot be granted as it is. */
  readonly problems: readonly string[];
  /** The session during which the project came to ask for this. */
  readonly cameIn: string | undefined;
  /** What has changed since the user's last answer, when there was one. */
  readonly since: Since | undefined;
}

/** The user's last answer to something else that the project asked for, and what has changed since. */
export interface Since {
  readonly answer: "accepted" | "refused";
  /** As an ISO date. */
  readonly at: string;
  /** One line each. */
  readonly changes: readonly string[];
}

/** Reads the code that is asked for, and names all of it by one hash; `asks`, `cameIn` and `since` are for the caller to add. */
export async function requestOf(project: string, file: string, beyond: readonly Ask[]): Promise<TrustRequest> {
  const code: Code[] = [];
  const problems: string[] = [];
  for (const specifier of textsOf(beyond.find(({ key }) => key === "load")?.value)) {
    await readCode(project, specifier).then(
      (one) => code.push(one),
      (error: unknown) => problems.push(messageOf(error)),
    );
  }
  const asked = beyond.map(({ path, value }) => [path, value]).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const named = JSON.stringify({ format: 1, asked, code: code.map(({ specifier, hash }) => [specifier, hash]), problems: problems.length });
  // who writes the project can try many of them, so half of the bits must still be too many to find two alike
  const hash = createHash("sha256").update(named).digest("hex").slice(0, 40);
  return { project, file, hash, asks: [], code, problems, cameIn: undefined, since: undefined };
}

const LONGEST_SHOWN = 2_000;

/** What is asked, one line each; for code its files too. */
export function requestLines({ asks, code, problems }: TrustRequest): readonly string[] {
  const lines = asks.filter(({ key }) => key !== "load").map(({ key, value }) => `${key}: ${short(JSON.stringify(value))}${remark(key, value)}`);
  for (const { specifier, entry, files } of code) {
    const [first = entry, ...more] = [entry, ...files.map(({ path }) => path).filter((path) => path !== entry)];
    lines.push(`run the plugin ${specifier} on this host, as you: ${short([first, ...more].join(", "))}`);
  }
  return [...lines, ...problems.map((problem) => `cannot be granted: ${problem}`)];
}

/** What one would not guess from the value. */
function remark(key: string, value: unknown): string {
  const isBaked = key === "provision" && Array.isArray(value) && value.some((step: unknown) => isRaw(step) && step["bake"] === true);
  return isBaked ? " (what is baked runs while the image is made, in the network of this host)" : "";
}

function short(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}… (${text.length - LONGEST_SHOWN} characters more; read the file before you grant it)` : text;
}
