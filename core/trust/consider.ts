import type { Layer } from "../config/layers.ts";
import { beyondOf, inForce, undecided, type Judging } from "../config/trust.ts";
import { loadPlugin } from "../outside/load-plugin.ts";
import type { Plugin } from "../plugin.ts";
import { findAnswer, keepAnswer, type KeptAnswer } from "./answers.ts";
import { keepCopy } from "./copies.ts";
import { fail } from "./failures.ts";
import { copiesFolder } from "./places.ts";
import { requestLines, requestOf, type TrustRequest } from "./request.ts";
import { cameAbout } from "./session-notes.ts";
import { sinceLastAnswer } from "./since.ts";

/** What the user says to a request: for good, or nothing for now. */
export type Decision = "accepted" | "refused" | "later";

/** What is needed to find the user's answer. */
export interface Considering {
  /** Real path of the project. */
  readonly project: string;
  readonly asked: Layer;
  readonly judging: Judging;
  /** The user's state directory. */
  readonly state: string;
  /** The hash that the user grants for this start, by --trust. */
  readonly given: string | undefined;
  /** Whether only the answer is wanted: then nothing of what was granted is in force, and no code is loaded. */
  readonly isOnlyJudged: boolean;
  /** Asks the user, where he is there to be asked. */
  readonly decide: ((request: TrustRequest) => Promise<Decision>) | undefined;
}

/** What came of it. */
export interface Considered {
  /** What there is, or was, to decide; undefined when nothing is. */
  readonly request: TrustRequest | undefined;
  readonly answer: "accepted" | "refused" | "none";
  /** The answer that was kept earlier, when it is one. */
  readonly kept: KeptAnswer | undefined;
  /** What of the project's file is in force. */
  readonly layer: Layer;
  /** The plugins of the project that the user trusts, loaded from their copies. */
  readonly plugins: readonly Plugin[];
}

/** Finds out what of a project's file is in force, asking the user where nothing is known. Throws TRUST_HASH_WRONG and what loading throws. */
export async function consider(considering: Considering): Promise<Considered> {
  const { project, asked, judging, state } = considering;
  const beyond = beyondOf(asked, judging);
  const asks = undecided(beyond, judging);
  const layer = (granted: boolean) => inForce(asked, beyond, judging, granted);
  if (asks.length === 0) return { request: undefined, answer: "none", kept: undefined, layer: layer(false), plugins: [] };

  const bare = { ...(await requestOf(project, asked.source.where, beyond)), asks };
  const kept = await findAnswer(state, project, bare.hash);
  const request = kept ? bare : { ...bare, cameIn: await cameAbout(state, project, bare.hash), since: await sinceLastAnswer(state, bare) };
  const answer = bare.problems.length > 0 ? (kept?.answer ?? "none") : await answerTo(request, kept, considering);
  const granted = answer === "accepted" && bare.problems.length === 0 && !considering.isOnlyJudged;
  const plugins = granted ? await Promise.all(request.code.map((code) => loadTrusted(state, project, code))) : [];
  return { request, answer, kept, layer: layer(granted), plugins };
}

async function answerTo(request: TrustRequest, kept: KeptAnswer | undefined, { given, decide, state, project }: Considering): Promise<Considered["answer"]> {
  if (given !== undefined && given !== request.hash) throw fail("TRUST_HASH_WRONG", { given, hash: request.hash, project });
  if (given !== undefined) return "accepted";
  if (kept) return kept.answer;
  const decision = (await decide?.(request)) ?? "later";
  if (decision === "later") return "none";
  await recordAnswer(state, project, request, decision);
  return decision;
}

/** Keeps the user's answer for a project, or for all below a directory above it; what he accepts of code is copied at once. */
export async function recordAnswer(state: string, directory: string, request: TrustRequest, answer: "accepted" | "refused"): Promise<void> {
  if (answer === "accepted") for (const code of request.code) await keepCopy(state, code);
  await keepAnswer(state, directory, {
    hash: request.hash,
    answer,
    at: new Date().toISOString(),
    covers: directory !== request.project,
    asked: [...requestLines(request)],
    code: request.code.map(({ hash }) => hash),
  });
}

async function loadTrusted(state: string, project: string, code: TrustRequest["code"][number]): Promise<Plugin> {
  const file = await keepCopy(state, code);
  return await loadPlugin(file, `${project}/${code.entry}`, copiesFolder(state));
}
