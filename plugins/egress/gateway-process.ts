import { type ChildProcess, spawn } from "node:child_process";
import type { Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import type { Server } from "node:net";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type Disposers, escapeLine, escapeText, type Logger, messageOf, withDeadline } from "../../core/index.ts";
import { confined } from "./confinement.ts";
import { fail } from "./failures.ts";
import { type Handle, Link } from "./gateway/link.ts";
import { type GatewayConfig, type GatewayQuestions, type PluginQuestions, PROTOCOL } from "./gateway/protocol.ts";

const SCRIPT = fileURLToPath(new URL(`gateway/main${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url));
const END_MS = 2_000;
// Bulk transfers and the HTTP parser make many buffers. A small young generation frees them early, and one thread frees them where they
// were made: with helpers V8 spends up to half as much again of the processor, and 8 MB more for 1,000 connections.
const MEMORY_FLAGS = ["--max-semi-space-size=1", "--max-old-space-size=64", "--single-threaded"];

/** The link as the plugin holds it. */
export type GatewayLink = Link<PluginQuestions, GatewayQuestions>;

/** The gateway as the plugin sees it. */
export interface Gateway {
  /** Of what confines it; the gateway itself is its only child, and goes with it. */
  readonly pid: number;
  /** Hands over a socket that lives in the jail's network; our own copy is for the caller to close. */
  offer(kind: "names-udp", socket: UdpSocket): Promise<void>;
  offer(kind: "names-tcp" | "listener", socket: Server): Promise<void>;
  /** Its certificate authority in PEM; undefined when it intercepts nothing. */
  readonly authority: string | undefined;
  /** For questions of other kinds, either way. */
  readonly link: GatewayLink;
}

/** What starting a gateway needs of the session. */
export interface GatewayReach {
  readonly scope: Disposers;
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Directories that it shall not see besides the users' own: the project. */
  readonly hidden?: readonly string[];
  /** Gets the link before the gateway is told anything, to answer what it asks. */
  attend?(link: GatewayLink): void;
  /** Hears that the gateway ended though nobody asked for it. */
  onGone(cause: Error): void;
}

/**
 * Starts the gateway as a process of its own, confined and with nothing of our environment, and tells it the policy. It ends with the scope,
 * and with us, however we end: it watches the channel between us. Throws EGRESS_GATEWAY_FAILED.
 */
export async function startGateway(config: GatewayConfig, { scope, signal, log, hidden = [], attend, onGone }: GatewayReach): Promise<Gateway> {
  const programs = [process.execPath, SCRIPT, ...config.parts.map(({ module }) => fileURLToPath(module))];
  const sight = { writable: [dirname(config.auditFile)], programs, hidden };
  const [command = "", ...args] = confined([process.execPath, ...MEMORY_FLAGS, SCRIPT], sight);
  // a group of its own: Ctrl-C at the terminal is for the agent, and the teardown still needs the network
  const child = spawn(command, args, { cwd: "/", env: {}, detached: true, stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let ending = false;
  await scope.defer("end the gateway", async () => {
    ending = true;
    await end(child);
  });
  const lastWords = keepLastWords(child, log);
  const link = new Link<PluginQuestions, GatewayQuestions>(child);
  attend?.(link);
  child.on("error", (error) => link.giveUp(error));
  child.once("exit", (code, killer) => {
    const detail = `${killer ?? `exit status ${code}`}${lastWords()}`;
    link.giveUp(new Error(detail));
    if (!ending) onGone(fail("EGRESS_GATEWAY_GONE", { detail }));
  });
  const ask = async <K extends keyof PluginQuestions>(kind: K, asks: PluginQuestions[K]["asks"], socket?: Handle): Promise<PluginQuestions[K]["answers"]> => {
    try {
      return await link.ask(kind, asks, socket ? { socket, signal } : { signal });
    } catch (cause) {
      throw cause === signal.reason ? cause : fail("EGRESS_GATEWAY_FAILED", { detail: messageOf(cause) }, { cause });
    }
  };
  const { authority } = await ask("start", { protocol: PROTOCOL, config });
  log("gateway %d runs", child.pid);
  return { pid: child.pid ?? 0, authority, link, offer: async (kind, socket) => await ask(kind, undefined, socket) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, "exit");
  if (child.connected) child.disconnect();
  await withDeadline(exited, END_MS, () => new Error("late")).catch(() => child.kill("SIGKILL"));
  await exited;
}

function keepLastWords(child: ChildProcess, log: Logger): () => string {
  const LONGEST = 2_000;
  let tail = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    log("gateway: %s", escapeLine(text.trimEnd()));
    tail = (tail + text).slice(-LONGEST);
  });
  return () => (tail === "" ? "" : `\n${escapeText(tail.trimEnd())}`);
}
