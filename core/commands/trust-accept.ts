import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { directories } from "../config/directories.ts";
import { recordAnswer } from "../trust/consider.ts";
import { fail } from "../trust/failures.ts";
import type { TrustRequest } from "../trust/request.ts";
import type { Invocation } from "./command.ts";
import { requestHere } from "./trust-here.ts";
import { isAsked, requestText } from "./trust-words.ts";

/** `cloche trust accept`: grants what the project asks for, after showing it, or by the hash of what was shown. */
export default async function acceptTrust(invocation: Invocation): Promise<number> {
  const { io, words, env } = invocation;
  const request = await requestHere(invocation);
  const [problem] = request.problems;
  if (problem !== undefined) throw fail("TRUST_CODE_REFUSED", { file: request.file, reason: problem.replace(/\.$/, "") });
  const directory = directoryFor(invocation, request);
  if (words[0] === undefined && !(await isWanted(invocation, request))) return 1;
  await recordAnswer(directories(env).state, directory, request, "accepted");
  io.print(`Granted to ${directory === request.project ? directory : `every project below ${directory} that asks for exactly this`}.`);
  return 0;
}

/** The project, or the directory above it that --covers names. Throws TRUST_NOT_COVERED. */
export function directoryFor({ flags, directory }: Invocation, { project }: Pick<TrustRequest, "project">): string {
  const given = flags.value("covers");
  if (given === undefined) return project;
  const named = resolve(directory, given);
  const real = realOr(named);
  if (!project.startsWith(real === "/" ? real : `${real}/`)) throw fail("TRUST_NOT_COVERED", { directory: named, project });
  return real;
}

function realOr(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

async function isWanted(invocation: Invocation, request: TrustRequest): Promise<boolean> {
  if (!isAsked(invocation)) throw fail("TRUST_NO_TERMINAL", { hash: request.hash });
  for (const line of requestText(request)) invocation.io.warn(line);
  return await invocation.io.ask("Grant this from now on?");
}
