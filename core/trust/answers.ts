import { randomUUID } from "node:crypto";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { messageOf } from "../support/errors.ts";
import { fail } from "./failures.ts";
import { nameFor, trustFolder } from "./places.ts";

const ANSWER = z.object({
  /** Of all that was asked. */
  hash: z.string(),
  answer: z.enum(["accepted", "refused"]),
  /** When, as an ISO date. */
  at: z.string(),
  /** Whether it holds for every project below the directory, and not for the directory itself as a project. */
  covers: z.boolean(),
  /** What was asked, one line each, for showing it later. */
  asked: z.array(z.string()),
  /** Hashes of the code that was copied. */
  code: z.array(z.string()),
});
const KEPT = z.object({ version: z.literal(1), directory: z.string(), answers: z.array(ANSWER) });

/** What the user said to what a project asked for. */
export type Answer = z.output<typeof ANSWER>;
/** An answer with the directory that it is for. */
export type KeptAnswer = Answer & { readonly directory: string };

const MOST_KEPT = 20;

/** The user's answer to exactly this, for this project or for a directory above it. */
export async function findAnswer(state: string, project: string, hash: string): Promise<KeptAnswer | undefined> {
  const folder = trustFolder(state);
  for (let directory = project; ; directory = dirname(directory)) {
    const found = (await read(folder, directory)).findLast((answer) => answer.hash === hash && answer.covers === (directory !== project));
    if (found) return { ...found, directory };
    if (directory === dirname(directory)) return undefined;
  }
}

/** What the user last said for this very project, whatever it asked for then. */
export async function lastAnswer(state: string, project: string): Promise<Answer | undefined> {
  return (await read(trustFolder(state), project)).findLast(({ covers }) => !covers);
}

/** Keeps an answer, in the place of an earlier one to the same. */
export async function keepAnswer(state: string, directory: string, answer: Answer): Promise<void> {
  const folder = trustFolder(state);
  const others = (await read(folder, directory)).filter(({ hash, covers }) => hash !== answer.hash || covers !== answer.covers);
  await write(folder, directory, [...others, answer].slice(-MOST_KEPT));
}

/** Forgets all answers for a directory and answers what they were. */
export async function forgetAnswers(state: string, directory: string): Promise<readonly Answer[]> {
  const folder = trustFolder(state);
  const forgotten = await read(folder, directory);
  await rm(join(folder, nameFor(directory)), { force: true });
  return forgotten;
}

/** Every answer that is kept. */
export async function allAnswers(state: string): Promise<readonly KeptAnswer[]> {
  const folder = trustFolder(state);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json"));
  const kept = await Promise.all(names.map(async (name) => await parsed(join(folder, name))));
  return kept.flatMap((file) => (file ? file.answers.map((answer) => ({ ...answer, directory: file.directory })) : []));
}

async function read(folder: string, directory: string): Promise<readonly Answer[]> {
  const file = await parsed(join(folder, nameFor(directory)));
  return file?.directory === directory ? file.answers : [];
}

/** What cannot be read is no answer: then the user is asked again. */
async function parsed(file: string): Promise<z.output<typeof KEPT> | undefined> {
  try {
    return KEPT.safeParse(JSON.parse(await readFile(file, "utf8"))).data;
  } catch {
    return undefined;
  }
}

async function write(folder: string, directory: string, answers: readonly Answer[]): Promise<void> {
  const file = join(folder, nameFor(directory));
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, `${JSON.stringify({ version: 1, directory, answers }, undefined, 2)}\n`, { mode: 0o600 });
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true });
    throw fail("TRUST_NOT_KEPT", { file, reason: messageOf(cause) }, { cause });
  }
}
