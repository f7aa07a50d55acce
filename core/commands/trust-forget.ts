import { directories } from "../config/directories.ts";
import { allAnswers, forgetAnswers } from "../trust/answers.ts";
import { dropCopies } from "../trust/copies.ts";
import type { Invocation } from "./command.ts";
import { projectOf } from "./project-of.ts";
import { directoryFor } from "./trust-accept.ts";

/** `cloche trust forget`: takes back what was answered for this project, or for a directory above it; copies of code go with it. */
export default async function forgetTrust(invocation: Invocation): Promise<number> {
  const { state } = directories(invocation.env);
  const project = await projectOf(invocation);
  const directory = directoryFor(invocation, { project });
  const forgotten = await forgetAnswers(state, directory);
  const used = new Set((await allAnswers(state)).flatMap(({ code }) => code));
  await dropCopies(state, forgotten.flatMap(({ code }) => code).filter((hash) => !used.has(hash)));
  invocation.io.print(forgotten.length === 0 ? `There was no answer for ${directory}.` : `Forgot ${forgotten.length} for ${directory}.`);
  return 0;
}
