import type { ClocheError } from "../support/errors.ts";
import { fail } from "./failures.ts";

const NETWORK = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|EIDLETIMEOUT|FETCH_ERROR)$/;
const LONGEST_LINE = 300;
const MOST_LINES = 3;

/** What npm said on its standard error → a failure that tells what to do. */
export function npmFailure(what: string, directory: string, stderr: string, cause?: unknown): ClocheError {
  const lines = stderr.split("\n").map((line) => line.replace(/^npm (error|ERR!) ?(\d{3}\b)? ?/, "").trim());
  const code = lines.map((line) => /^code (\S+)$/.exec(line)?.[1]).find((found) => found !== undefined) ?? "";
  if (code === "ENOSPC" || /\bENOSPC\b/.test(stderr)) return fail("NPM_NO_SPACE", { what, directory }, { cause });
  const said = lines.filter((line) => line !== "" && !/^(code|errno|syscall|network|A complete log)\b/.test(line));
  const detail = said.slice(0, MOST_LINES).map((line) => withoutUserinfo(line).slice(0, LONGEST_LINE)).join(" ");
  return fail("NPM_FAILED", { what, detail: [code, detail].filter(Boolean).join(": ") || "it did not say why", hint: hintFor(code) }, { cause });
}

function hintFor(code: string): string {
  if (code === "E404" || code === "ETARGET") return "There is no such version, or your registry does not have it.";
  if (code === "E401" || code === "E403") return "Your npm configuration has no valid login for its registry.";
  if (NETWORK.test(code)) return "The registry in your npm configuration cannot be reached. Look at the network, and start again.";
  return 'See whether "npm view PACKAGE version" works for you.';
}

function withoutUserinfo(line: string): string {
  return line.replace(/\/\/[^/\s@]*@/g, "//");
}
