import { directories } from "../config/directories.ts";
import { allAnswers } from "../trust/answers.ts";
import type { Considered } from "../trust/consider.ts";
import { requestLines } from "../trust/request.ts";
import type { CommandIo, Invocation } from "./command.ts";
import { considerHere } from "./trust-here.ts";
import { requestText } from "./trust-words.ts";

/** `cloche trust`: what this project asks for and what the user said to it; then the answers for other directories. */
export default async function listTrust(invocation: Invocation): Promise<number> {
  const { io, flags, env } = invocation;
  const { project, considered } = await considerHere(invocation);
  const others = (await allAnswers(directories(env).state)).filter(({ directory }) => directory !== project);
  if (flags.has("json")) {
    io.printJson({ project, ...forPrograms(considered), others });
    return 0;
  }
  printRequest(io, project, considered);
  for (const { directory, answer, at, covers, hash } of others) {
    io.print(`${answer} on ${at.slice(0, 10)} for ${covers ? `every project below ${directory}` : directory} (${hash})`);
  }
  return 0;
}

function printRequest(io: CommandIo, project: string, { request, answer, kept }: Considered): void {
  if (request === undefined) {
    io.print(`The project ${project} asks for nothing that you would have to decide.`);
    return;
  }
  for (const line of requestText(request)) io.print(line);
  if (answer === "none") io.print(`You have not answered: cloche trust accept ${request.hash}, or cloche trust refuse ${request.hash}`);
  else io.print(`You ${answer} it${kept ? ` on ${kept.at.slice(0, 10)} for ${kept.directory}` : ""}; "cloche trust forget" takes that back.`);
}

function forPrograms({ request, answer, kept }: Considered): object {
  return {
    answer,
    ...(kept && { answeredFor: kept.directory, answeredAt: kept.at }),
    ...(request && {
      hash: request.hash,
      file: request.file,
      asks: request.asks.map(({ key, value }) => ({ key, value })),
      code: request.code.map(({ specifier, entry, files, hash }) => ({ specifier, entry, hash, files: files.map(({ path }) => path) })),
      problems: request.problems,
      cameInSession: request.cameIn ?? null,
      lines: requestLines(request),
    }),
  };
}
