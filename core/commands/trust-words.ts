import type { Considered, Decision } from "../trust/consider.ts";
import { requestLines, type TrustRequest } from "../trust/request.ts";
import type { CommandIo, Invocation } from "./command.ts";

/** Whether the user can be asked what he thinks of a project: he sits at a terminal. */
export function isAsked({ io, flags }: Invocation): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true && !flags.has("trust");
}

/** Shows the user what a project asks for and takes his answer. */
export async function decideAt(io: CommandIo, request: TrustRequest): Promise<Decision> {
  for (const line of requestText(request)) io.warn(line);
  if (await io.ask("Grant this to the project from now on?")) return "accepted";
  return (await io.ask("Refuse it from now on, without asking again until it changes?")) ? "refused" : "later";
}

/** What a project asks for, as lines for people. */
export function requestText(request: TrustRequest): readonly string[] {
  const { file, cameIn, since, hash } = request;
  const lines = [`${file} came with the project and asks for what only you may decide:`, ...requestLines(request).map((line) => `  ${line}`)];
  if (since !== undefined) {
    lines.push(`  You ${since.answer === "accepted" ? "granted" : "refused"} something else on ${since.at.slice(0, 10)}. What has changed:`);
    lines.push(...(since.changes.length > 0 ? since.changes : ["code that is asked for"]).map((line) => `    ${line}`));
  }
  if (cameIn !== undefined) lines.push(`  This came about while the session ${cameIn} ran here: the agent may have written it.`);
  return [...lines, `  The hash of all of it is ${hash}.`];
}

/** What is said when something asked for is not in force and nobody has refused it; what the user has just been shown is not shown again. */
export function ignoredLines(considered: Considered | undefined, wasShown = false): readonly string[] {
  const { request, answer } = considered ?? {};
  if (request === undefined || (answer !== "none" && request.problems.length === 0) || answer === "refused") return [];
  const grant = request.problems.length > 0 ? "" : `, "cloche trust accept ${request.hash}" grants it, and --trust ${request.hash} does for one start`;
  return [...(wasShown ? [] : requestText(request)), `It is not in force. "cloche trust" shows it${grant}.`];
}
