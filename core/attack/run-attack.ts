import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Invocation } from "../commands/command.ts";
import { contextToStart } from "../commands/context.ts";
import { enterLife } from "../run-session.ts";
import { processesBelow } from "../sessions/usage.ts";
import { Disposers } from "../support/disposers.ts";
import { ALLOWED, type Arena } from "./arena.ts";
import { CASES, tryAll, type Outcome } from "./suite.ts";
import { tcpWitness, udpWitness } from "./witness.ts";

const TIDY: Pick<Outcome, "id" | "promise" | "title"> = {
  id: "teardown",
  promise: "Whatever ends a session, SIGKILL at any point included, no process, mount, namespace, socket or file of it remains",
  title: "the session ends, and what is left of it is looked for",
};

/** Starts a throw-away session over an empty project on this host, with the user's configuration but for the network's rules, and attacks it. */
export async function runAttack(invocation: Invocation, tell: (outcome: Outcome) => void): Promise<readonly Outcome[]> {
  const { signal } = invocation;
  const before = new Set(processesBelow(process.pid));
  let facts: Pick<Arena, "runDir"> | undefined;
  const outcomes: Outcome[] = [];
  {
    await using scope = new Disposers();
    const arena = await enterArena(invocation, scope);
    facts = arena;
    invocation.io.progress.step("Attacking the session");
    outcomes.push(...(await tryAll(arena, CASES, tell, signal)));
  }
  const left = processesBelow(process.pid).filter((pid) => !before.has(pid)).map((pid) => `process ${pid} ${commandOf(pid)}`);
  if (readsAsDirectory(facts.runDir)) left.push(facts.runDir);
  const tidy = { ...TIDY, outcome: left.length === 0 ? "proven" : "broken", detail: left.length === 0 ? "no process and no directory of it" : left.join("; ") } as const;
  tell(tidy);
  return [...outcomes, tidy];
}

async function enterArena(invocation: Invocation, scope: Disposers): Promise<Arena> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "cloche-attack-")));
  await scope.defer("the attack's folder", () => rmSync(folder, { recursive: true, force: true }));
  const project = join(folder, "project");
  mkdirSync(project, { mode: 0o700 });
  const canary = { path: join(folder, "canary"), text: `canary ${randomBytes(16).toString("hex")}` };
  writeFileSync(canary.path, canary.text, { mode: 0o600 });
  const key = `sk-attack-${randomBytes(24).toString("hex")}`;
  const [allowed, denied, datagrams] = [await tcpWitness(scope), await tcpWitness(scope), await udpWitness(scope)];

  const rule = `${ALLOWED.name}:${ALLOWED.port}`;
  const upstreams = JSON.stringify({ [rule]: { address: "127.0.0.1", port: allowed.port } });
  const all = ["egress.mode=allowlist", "egress.ask=false", "egress.record=false", `egress.allow=${JSON.stringify([rule])}`, `egress.upstreams=${upstreams}`].map((value) => ({ name: "set", value }));
  const flags = { all, has: () => false, value: () => undefined };
  const { configuration } = await contextToStart({ ...invocation, directory: project, flags });
  const { io, signal } = invocation;
  const { guest, image, session } = await enterLife({ configuration, project, io, signal, hostEnv: { ...process.env, ANTHROPIC_API_KEY: key } }, scope);
  const qemu = processesBelow(process.pid).find((pid) => /^[^\0]*\/qemu-system-[^\0]*\0/.test(commandOf(pid)));
  if (qemu === undefined) throw new Error("no QEMU runs below us");
  return { guest, project, canary, allowed, denied, datagrams, key, qemu, image: image.disks, runDir: session.runDir };
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

function readsAsDirectory(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EISDIR";
  }
}
