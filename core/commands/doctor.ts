import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fail } from "../cli/failures.ts";
import { directories } from "../config/directories.ts";
import { discoverPlugins } from "../config/discover.ts";
import { loadConfiguration } from "../config/load.ts";
import type { Check } from "../doctor/check.ts";
import { consultants } from "../doctor/consultants.ts";
import { allChecks, examine, type Finding } from "../doctor/doctor.ts";
import { hostLook } from "../doctor/host-look.ts";
import type { Look } from "../doctor/look.ts";
import { projectNeeds } from "../doctor/project-needs.ts";
import { prepareHost } from "../doctor/prepare.ts";
import { listSessions } from "../sessions/list.ts";
import type { Invocation } from "./command.ts";
import { configurationToShow } from "./context.ts";
import { projectOf } from "./project-of.ts";

const MARKS = { ok: "ok  ", warn: "warn", fail: "FAIL", unmeasured: "?   " } as const;
const OUTCOMES = { proven: "ok  ", broken: "HOLE", unproven: "?   " } as const;
const MODES = ["fix", "report", "attack"] as const;

/**
 * `cloche doctor`: what this host can do, what is missing and how to get it, exit status 1 when something needed is missing. With
 * --attack it tries the promises of SECURITY.md in a throw-away session, exit status 1 when one is not proven.
 */
export default async function doctor(invocation: Invocation): Promise<number> {
  const { flags, env, io, signal } = invocation;
  const [mode, other] = MODES.filter((name) => flags.has(name));
  if (other !== undefined) throw fail("USAGE_CONFLICT", { first: `--${mode}`, second: `--${other}` });
  if (mode === "attack") return await attack(invocation);
  const isTerminal = Boolean(io.stdin.isTTY && io.stderr.isTTY);
  const look = hostLook(directories(env).cache, isTerminal, env);
  if (mode === "fix") await prepareHost(look, { say: (line) => io.warn(line), ask: isTerminal ? (question) => io.ask(question) : undefined });

  const isQuiet = flags.has("json") || mode === "report";
  const checks = [...allChecks(consultants(look.cacheDir, signal)), ...(await checksHere(invocation))];
  const findings = await examine(look, checks, isQuiet ? undefined : (finding) => io.print(lineOf(finding)));
  if (mode === "report") return await report(invocation, look, findings);
  if (flags.has("json")) io.printJson(findings);
  return findings.some(({ state }) => state === "fail") ? 1 : 0;
}

/** What there is to say of the directory that the user stands in, if it can be a project at all. */
async function checksHere(invocation: Invocation): Promise<readonly Check[]> {
  const project = await projectOf(invocation).catch(() => undefined);
  if (project === undefined) return [];
  const plugins = await discoverPlugins();
  const configuration = await loadConfiguration({ project, env: invocation.env, overrides: [], plugins, purpose: "show" }).catch(() => undefined);
  return [projectNeeds(project, configuration?.wishes.tools ?? [])];
}

async function report(invocation: Invocation, look: Look, findings: readonly Finding[]): Promise<number> {
  const { io, env, flags, directory } = invocation;
  const { bugReport } = await import("../doctor/report.ts");
  const configuration = await configurationToShow(invocation).catch(() => undefined);
  const [sessions, plugins] = await Promise.all([listSessions(directories(env).runtime), discoverPlugins()]);
  const facts = await bugReport({ look, findings, configuration, builtIn: plugins.map(({ name }) => name), sessions: sessions.length });
  if (flags.has("json")) {
    io.printJson(facts);
    return 0;
  }
  const file = join(directory, `cloche-report-${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}.json`);
  writeFileSync(file, `${JSON.stringify(facts, undefined, 2)}\n`, { mode: 0o600, flag: "wx" });
  io.print(`The report is in ${file}. It holds versions, what the checks found, and names of options; read it before you send it.`);
  return 0;
}

async function attack(invocation: Invocation): Promise<number> {
  const { io, flags } = invocation;
  const { runAttack } = await import("../attack/run-attack.ts");
  const asJson = flags.has("json");
  const outcomes = await runAttack(invocation, ({ outcome, promise, title, detail }) => {
    if (!asJson) io.print(`${OUTCOMES[outcome]}   ${promise}…\n       Tried: ${title}.\n       Seen: ${detail}`);
  });
  if (asJson) io.printJson(outcomes);
  const count = (wanted: keyof typeof OUTCOMES): number => outcomes.filter(({ outcome }) => outcome === wanted).length;
  if (!asJson) io.print(`${count("proven")} proven, ${count("broken")} broken, ${count("unproven")} that showed nothing. The promises stand in SECURITY.md.`);
  return count("proven") === outcomes.length ? 0 : 1;
}

function lineOf({ state, title, found, fix }: Finding): string {
  const indent = " ".repeat(7);
  const advice = fix ? fix.split("\n").map((line) => `\n${indent}${line}`).join("") : "";
  return `${MARKS[state]}   ${title}: ${found}${advice}`;
}
