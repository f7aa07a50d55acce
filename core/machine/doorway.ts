import { spawn, type ChildProcess } from "node:child_process";
import type { Socket as UdpSocket } from "node:dgram";
import { createServer, Server } from "node:net";
import { join } from "node:path";
import { getSystemErrorName } from "node:util";
import { withDeadline } from "../support/deadline.ts";
import type { Disposers } from "../support/disposers.ts";
import { packageRoot } from "../support/package-root.ts";
import type { JailNetwork } from "./draft.ts";
import { fail } from "./failures.ts";
import { systemTool } from "./tools.ts";

/** A socket wanted inside the jail's network. */
export interface DoorSpec {
  readonly protocol: "tcp" | "udp";
  /** IPv4 address that is local there, or "0.0.0.0" for all of them. */
  readonly address: string;
  readonly port: number;
}

/** What a spec becomes: a listening server that leaves half-open connections open, or a bound datagram socket. */
export type Door<P extends DoorSpec["protocol"]> = P extends "tcp" ? Server : UdpSocket;

type Doors<S extends readonly DoorSpec[]> = { -readonly [K in keyof S]: Door<S[K]["protocol"]> };

const DEADLINE_MS = 10_000;

/** What the helper says beside the handle of a door: nothing, or the number of the error for which there is none. */
interface DoorAnswer {
  readonly error?: number;
}

/** A process in the jail's network that opens sockets there, one request after the other. */
interface Helper {
  readonly child: ChildProcess;
  /** Settles, never rejects, when the request before is done. */
  idle: Promise<unknown>;
}

const kept = new WeakMap<JailNetwork, Helper>();

/** Keeps one helper for all that the work opens in this network, since starting one takes as much of the processor as all it does. */
export async function keepDoorway<T>(network: JailNetwork, work: () => Promise<T>): Promise<T> {
  const helper = startHelper(network);
  kept.set(network, helper);
  try {
    return await work();
  } finally {
    endHelper(network, helper);
  }
}

/**
 * Opens sockets inside the jail's network and hands them to this process, in the order of the specs; the scope closes them.
 * A process enters the namespace, opens them, passes their handles over Node's IPC and ends. It is no Node, whose start would take longer
 * than all the rest. Throws DOORWAY_FAILED.
 */
export async function openDoorway<const S extends readonly DoorSpec[]>(
  network: JailNetwork,
  specs: S,
  { scope, signal }: { readonly scope: Disposers; readonly signal: AbortSignal },
): Promise<Doors<S>> {
  if (specs.length === 0) return [] as unknown as Doors<S>;
  const ready = kept.get(network);
  const helper = ready ?? startHelper(network);
  const opened = helper.idle.then(() => receive(helper.child, specs));
  helper.idle = opened.catch(() => {});
  const late = () => fail("DOORWAY_FAILED", { what: "the jail's network", detail: "it took too long" });
  try {
    const doors = await withDeadline(opened, DEADLINE_MS, late, signal);
    for (const [index, door] of doors.entries()) {
      await scope.defer(`close ${nameOf(specs[index])}`, () => void door.close());
    }
    return doors as Doors<S>;
  } catch (error) {
    endHelper(network, helper); // it may still answer what nobody waits for
    throw error;
  } finally {
    if (!ready) endHelper(network, helper);
  }
}

function startHelper(network: JailNetwork): Helper {
  const [command = "", ...args] = network.enter;
  const child = spawn(command, [...args, systemTool("perl"), join(packageRoot(), "host", "door.pl"), process.arch], {
    stdio: ["pipe", "ignore", "ignore", "ipc"],
    cwd: "/",
    env: {},
  });
  child.stdin?.on("error", () => {}); // its other end is gone, and that is noticed by its exit
  child.on("error", () => {}); // whoever asks it hears of that
  return { child, idle: Promise.resolve() };
}

function endHelper(network: JailNetwork, helper: Helper): void {
  if (kept.get(network) === helper) kept.delete(network);
  helper.child.kill("SIGKILL");
}

/** Has the child open some sockets and collects what it answers; when it fails instead, nothing that it opened stays open. */
async function receive(child: ChildProcess, specs: readonly DoorSpec[]): Promise<(Server | UdpSocket)[]> {
  const doors: (Server | UdpSocket)[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<(Server | UdpSocket)[]>();
  let broken = false;
  const breakOff = (detail: string): void => {
    if (broken || doors.length === specs.length) return;
    broken = true;
    for (const door of doors) door.close();
    reject(fail("DOORWAY_FAILED", { what: nameOf(specs[doors.length]), detail }));
  };
  const onError = (error: Error): void => breakOff(error.message);
  const onExit = (code: number | null, killer: NodeJS.Signals | null): void => breakOff(`the helper ended with ${killer ?? code}`);
  const onAnswer = (answer: unknown, handle: unknown): void => {
    const door = handle as Server | UdpSocket | undefined;
    if (broken) door?.close();
    else if (door === undefined) breakOff(reasonOf(answer as DoorAnswer));
    else doors.push(door instanceof Server ? adopt(door) : door);
    if (doors.length < specs.length) return;
    child.off("error", onError).off("exit", onExit).off("message", onAnswer);
    resolve(doors);
  };
  child.on("error", onError).on("exit", onExit).on("message", onAnswer);
  if (child.exitCode !== null || child.signalCode !== null || !child.connected) onExit(child.exitCode, child.signalCode);
  else child.stdin?.write(specs.map(({ protocol, address, port }) => `${protocol} ${address} ${port}\n`).join("")); // when it cannot be sent, the child's end tells
  return await promise;
}

/** The same listening handle in a server that lets a connection be closed in one direction only, as relays need. */
function adopt(received: Server): Server {
  return createServer({ allowHalfOpen: true }).listen(received);
}

function reasonOf({ error }: DoorAnswer): string {
  return error === undefined ? "no handle came" : getSystemErrorName(-error);
}

function nameOf(spec: DoorSpec | undefined): string {
  return spec ? `${spec.protocol} ${spec.address}:${spec.port}` : "the jail's network";
}
