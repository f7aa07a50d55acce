import { readFile } from "node:fs/promises";
import { lastAnswer } from "./answers.ts";
import type { Code } from "./code.ts";
import { copiedFile } from "./copies.ts";
import { requestLines, type Since, type TrustRequest } from "./request.ts";

const MOST_SHOWN = 10;

/** What is otherwise than when the user last answered for this project, so that he need not read again what he knows. */
export async function sinceLastAnswer(state: string, request: TrustRequest): Promise<Since | undefined> {
  const last = await lastAnswer(state, request.project);
  if (last === undefined) return undefined;
  const lines = requestLines(request);
  const changes = [
    ...lines.filter((line) => !last.asked.includes(line)).map((line) => `now asked: ${line}`),
    ...last.asked.filter((line) => !lines.includes(line)).map((line) => `no longer asked: ${line}`),
    ...(await Promise.all(request.code.map((code) => changedFiles(state, code, last.code)))).flat(),
  ];
  const more = changes.length - MOST_SHOWN;
  return { answer: last.answer, at: last.at, changes: more > 0 ? [...changes.slice(0, MOST_SHOWN), `and ${more} more`] : changes };
}

/** Which files of a plugin are new or otherwise than in the copies of what was trusted; none where nothing was copied. */
async function changedFiles(state: string, { hash, files }: Code, copies: readonly string[]): Promise<readonly string[]> {
  if (copies.length === 0 || copies.includes(hash)) return [];
  const changed = await Promise.all(
    files.map(async ({ path, text }) => {
      const texts = await Promise.all(copies.map((copy) => readFile(copiedFile(state, copy, path), "utf8").catch(() => undefined)));
      if (texts.includes(text)) return [];
      return [texts.every((one) => one === undefined) ? `new code: ${path}` : `changed code: ${path}`];
    }),
  );
  return changed.flat();
}
