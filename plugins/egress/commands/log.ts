import { directories, projectOf, sessionOf, type Invocation } from "../../../core/index.ts";
import { readEntry, type Entry } from "../audit/entry.ts";
import { auditFiles } from "../audit/folder.ts";
import { linesFollowed, linesOf } from "../audit/read.ts";
import { fail } from "../failures.ts";
import { bytesInWords, secondsInWords } from "./amounts.ts";

/** `cloche egress log [-f] [--json]`. */
export default async function showLog(invocation: Invocation): Promise<number> {
  const { io, flags, signal } = invocation;
  const file = await auditFileOf(invocation);
  const show = (line: string): void => {
    const entry = readEntry(line);
    if (entry) io.print(flags.has("json") ? line : inWords(entry));
  };
  for await (const line of flags.has("follow") ? linesFollowed(file, signal) : linesOf(file)) show(line);
  signal.throwIfAborted();
  return 0;
}

/** The audit of the session that is named, or the newest of the project. Throws EGRESS_NO_LOG. */
export async function auditFileOf(invocation: Invocation): Promise<string> {
  const { state } = directories(invocation.env);
  const name = invocation.flags.value("session");
  const running = name === undefined ? undefined : await sessionOf(invocation).catch(() => undefined);
  const project = running?.project ?? (await projectOf(invocation));
  const [file] = auditFiles(state, project, name);
  if (file === undefined) throw fail("EGRESS_NO_LOG", { project, session: name });
  return file;
}

function inWords({ time, verdict, name, port, address, method, path, why, sent, received, durationMs }: Entry): string {
  const at = new Date(time).toLocaleTimeString("en-GB");
  const request = method === undefined ? "" : ` ${method} ${path ?? ""}`;
  const where = address === undefined || address === name ? "" : ` at ${address}`;
  const amounts = sent === undefined || received === undefined ? "" : `, ${bytesInWords(sent)} out, ${bytesInWords(received)} in`;
  const lasted = durationMs === undefined || amounts === "" ? "" : `, ${secondsInWords(durationMs / 1000)}`;
  return `${at}  ${verdict.padEnd(7)}  ${name}${port === undefined ? "" : `:${port}`}${request}${where}  ${why}${amounts}${lasted}`;
}
