import { directories } from "../config/directories.ts";
import { consultants } from "../doctor/consultants.ts";
import { allChecks, examine, type Finding } from "../doctor/doctor.ts";
import { hostLook } from "../doctor/host-look.ts";
import { prepareHost } from "../doctor/prepare.ts";
import type { Invocation } from "./command.ts";

const MARKS = { ok: "ok  ", warn: "warn", fail: "FAIL", unmeasured: "?   " } as const;

/** `cloche doctor`: what this host can do, what is missing and how to get it. Exit status 1 when something needed is missing. */
export default async function doctor({ flags, env, io, signal }: Invocation): Promise<number> {
  const isTerminal = Boolean(io.stdin.isTTY && io.stderr.isTTY);
  const look = hostLook(directories(env).cache, isTerminal, env);
  if (flags.has("fix")) await prepareHost(look, { say: (line) => io.warn(line), ask: isTerminal ? (question) => io.ask(question) : undefined });

  const asJson = flags.has("json");
  const findings = await examine(look, allChecks(consultants(look.cacheDir, signal)), asJson ? undefined : (finding) => io.print(lineOf(finding)));
  if (asJson) io.printJson(findings);
  return findings.some(({ state }) => state === "fail") ? 1 : 0;
}

function lineOf({ state, title, found, fix }: Finding): string {
  const indent = " ".repeat(7);
  const advice = fix ? fix.split("\n").map((line) => `\n${indent}${line}`).join("") : "";
  return `${MARKS[state]}   ${title}: ${found}${advice}`;
}
