import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readdirSync, readlinkSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Duplex, Readable } from "node:stream";
import { withDeadline } from "../../support/deadline.ts";
import type { Bounds, Jailed, JailedCommand, JailedEnd } from "../containment.ts";
import { fail } from "../failures.ts";
import type { Holds } from "../holds.ts";
import { LastWords } from "../last-words.ts";
import { systemTool } from "../tools.ts";
import { jailArguments } from "./arguments.ts";
import { inheritedDescriptors } from "./inherited.ts";
import { openHolds } from "./holds.ts";
import { peekInto } from "./peek.ts";
import type { HeldNetwork } from "./network.ts";
import { programIn } from "./process-facts.ts";
import { proveJail } from "./proof.ts";

const DEADLINE_MS = 10_000;
const FIRST_CHANNEL = 3;
const MOST_TRIES = 5;

/** Starts a program in a jail inside the network, with the seccomp filter; throws JAIL_FAILED with what bwrap or the program said. */
export async function launch(command: JailedCommand, network: HeldNetwork, filter: Buffer, bounds: Bounds): Promise<Jailed> {
  const count = FIRST_CHANNEL + command.channels;
  let gate = await openGate(command, network, filter, bounds);
  // Libraries of Node's have files open that each child inherits, certificates in a thread of their own. Nothing has run in there yet.
  for (let tries = 1; tries < MOST_TRIES && hasMore(gate.bwrapPid, count); tries += 1) {
    await gate.kill();
    gate = await openGate(command, network, filter, bounds);
  }
  const { child, bwrapPid, ended, kill } = gate;
  const stream = (fd: number) => child.stdio[fd] as Duplex;
  stream(0).end("go\n");
  const channels = Array.from({ length: command.channels }, (_, index) => stream(FIRST_CHANNEL + index));
  const writable = command.binds.filter((bind) => !bind.readOnly).map((bind) => bind.target);
  const helpers: Holds[] = [];
  const expected = { network: network.namespace, uid: process.getuid?.() ?? -1, sockets: count, writable };
  return {
    channels,
    ended,
    // what holds paths keeps the jail's mounts, and with them the files that its program had, so it goes at the same time
    kill: async () => void (await Promise.all([kill(), ...helpers.map((helper) => helper.close())])),
    prove: () => proveJail(bwrapPid, expected),
    peek: () => peekInto(programIn(bwrapPid)),
    async openHolds(given) {
      const holds = await openHolds(programIn(bwrapPid), given);
      helpers.push(holds);
      return holds;
    },
  };
}

/** A jail whose program waits for our word. */
interface Gate {
  readonly child: ChildProcess;
  readonly bwrapPid: number;
  readonly ended: Promise<JailedEnd>;
  kill(): Promise<void>;
}

async function openGate(command: JailedCommand, network: HeldNetwork, filter: Buffer, { scope, signal }: Bounds): Promise<Gate> {
  const filterFd = FIRST_CHANNEL + command.channels;
  const child = start([...network.enter, systemTool("bwrap"), ...jailArguments(command, filterFd)], filterFd + 1);
  const stream = (fd: number) => child.stdio[fd] as Duplex;
  const words = new LastWords(stream(2));
  const ended = endOf(child, stream(2), words);
  const kill = async (): Promise<void> => {
    stream(0).destroy();
    child.kill("SIGKILL");
    await ended;
  };
  await scope.defer("end the jail", kill);
  for (const fd of child.stdio.keys()) stream(fd)?.on("error", () => {}); // it ended; that is noticed by its exit
  stream(filterFd).end(filter);
  const failed = () => fail("JAIL_FAILED", { detail: words.text() || "no answer" });
  if (!(await withDeadline(gateOpens(stream(1)), DEADLINE_MS, failed, signal))) {
    await kill(); // only then all is said
    throw failed();
  }
  return { child, bwrapPid: child.pid ?? -1, ended, kill };
}

/** Whether the program will have more files than it is given; what cannot be read is left to the proof. */
function hasMore(bwrapPid: number, count: number): boolean {
  try {
    const folder = `/proc/${programIn(bwrapPid)}/fd`;
    return readdirSync(folder).some((fd) => Number(fd) >= count && readlinkSync(`${folder}/${fd}`) !== "/dev/null");
  } catch {
    return false;
  }
}

/** Spawns with byte streams as descriptors below `count`, and no other descriptor open in the child. */
function start([program = "", ...args]: readonly string[], count: number): ChildProcess {
  const stdio: ("pipe" | "ignore" | number)[] = Array.from({ length: count }, () => "pipe");
  const nothing = openSync("/dev/null", "r");
  try {
    for (const fd of inheritedDescriptors()) {
      while (stdio.length <= fd) stdio.push("ignore");
      if (fd >= count) stdio[fd] = nothing;
    }
    // A session of its own: Ctrl-C at the terminal is ours to answer, not the jail's.
    return spawn(program, args, { stdio, detached: true, cwd: "/", env: {} });
  } finally {
    closeSync(nothing);
  }
}

/** Whether the gate in the jail says that it waits for our word; it does not when bwrap fails before. */
async function gateOpens(stdout: Readable): Promise<boolean> {
  const { value } = await createInterface({ input: stdout })[Symbol.asyncIterator]().next();
  return value === "up";
}

/** The end of every process of the jail: bwrap has exited, and nobody holds its stderr any more. */
async function endOf(child: ChildProcess, stderr: Readable, words: LastWords): Promise<JailedEnd> {
  const silent = new Promise((resolve) => stderr.once("close", resolve));
  const [status, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.once("exit", (code, killer) => resolve([code, killer]));
    child.once("error", () => resolve([null, null]));
  });
  await silent;
  return { status: status ?? undefined, signal: signal ?? undefined, lastWords: words.text() };
}
