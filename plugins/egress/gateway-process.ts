import { fork, type ChildProcess } from "node:child_process";
import type { Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import type { Server } from "node:net";
import { fileURLToPath } from "node:url";
import { type Disposers, escapeLine, escapeText, type Logger, withDeadline } from "../../core/index.ts";
import { fail } from "./failures.ts";
import { type FromGateway, type GatewayConfig, PROTOCOL, type ToGateway } from "./gateway/protocol.ts";

const SCRIPT = fileURLToPath(new URL(`gateway/main${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url));
const ANSWER_MS = 10_000;
const END_MS = 2_000;

/** What the plugin says to its gateway, without the number that pairs question and answer. */
type Message = ToGateway extends infer M ? (M extends unknown ? Omit<M, "id"> : never) : never;

/** The gateway as the plugin sees it. */
export interface Gateway {
  readonly pid: number;
  /** Hands over a socket that lives in the jail's network; our own copy is for the caller to close. */
  offer(kind: "names-udp", socket: UdpSocket): Promise<void>;
  offer(kind: "names-tcp" | "listener", socket: Server): Promise<void>;
}

/** What starting a gateway needs of the session. */
export interface GatewayReach {
  readonly scope: Disposers;
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Hears that the gateway ended though nobody asked for it. */
  onGone(cause: Error): void;
}

/**
 * Starts the gateway as a process of its own, with nothing of our environment, and tells it the policy. It ends with the scope,
 * and with us, however we end: it watches the channel between us. Throws EGRESS_GATEWAY_FAILED.
 */
export async function startGateway(config: GatewayConfig, { scope, signal, log, onGone }: GatewayReach): Promise<Gateway> {
  // a group of its own: Ctrl-C at the terminal is for the agent, and the teardown still needs the network
  const child = fork(SCRIPT, [], {
    cwd: "/",
    env: {},
    // a small young generation frees the 64 KiB buffers of bulk transfers early: 50 MB after 4 GB, where the default keeps 90
    execArgv: ["--max-semi-space-size=1", "--max-old-space-size=64"],
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let ending = false;
  await scope.defer("end the gateway", async () => {
    ending = true;
    await end(child);
  });
  const lastWords = keepLastWords(child, log);
  const answers = new Answers(child);
  child.once("exit", (code, killer) => {
    const detail = `${killer ?? `exit status ${code}`}${lastWords()}`;
    answers.giveUp(fail("EGRESS_GATEWAY_FAILED", { detail }));
    if (!ending) onGone(fail("EGRESS_GATEWAY_GONE", { detail }));
  });
  await answers.ask({ kind: "start", protocol: PROTOCOL, config }, undefined, signal);
  log("gateway %d runs", child.pid);
  return { pid: child.pid ?? 0, offer: async (kind, socket) => await answers.ask({ kind }, socket, signal) };
}

/** Pairs what the gateway answers with what it was asked. */
class Answers {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(): void; reject(error: Error): void }>();
  #asked = 0;
  #gone: Error | undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on("error", (error) => this.giveUp(fail("EGRESS_GATEWAY_FAILED", { detail: error.message }, { cause: error })));
    child.on("message", (message) => {
      const { id, error } = message as FromGateway;
      const waiting = this.#waiting.get(id);
      if (error === undefined) waiting?.resolve();
      else waiting?.reject(fail("EGRESS_GATEWAY_FAILED", { detail: error }));
    });
  }

  async ask(message: Message, socket: Server | UdpSocket | undefined, signal: AbortSignal): Promise<void> {
    if (this.#gone) throw this.#gone;
    const id = (this.#asked += 1);
    const answer = new Promise<void>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ ...message, id }, socket, {}, (error) => { if (error) reject(error); });
    });
    const late = () => fail("EGRESS_GATEWAY_FAILED", { detail: `it did not answer "${message.kind}" in time` });
    try {
      await withDeadline(answer, ANSWER_MS, late, signal);
    } finally {
      this.#waiting.delete(id);
    }
  }

  giveUp(error: Error): void {
    this.#gone = error;
    for (const { reject } of this.#waiting.values()) reject(error);
  }
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
