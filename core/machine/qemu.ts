import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { Image } from "../image/image.ts";
import { isFailure } from "../support/errors.ts";
import { note, timed } from "../support/timings.ts";
import type { Bounds, Cell, JailBind, Peek } from "./containment.ts";
import { CONSOLE_LINES, ConsoleTail } from "./console.ts";
import { fail } from "./failures.ts";
import type { Holds } from "./holds.ts";
import type { MachineEnd } from "./machine.ts";
import { Pause } from "./pause.ts";
import { CHANNEL_COUNT, IMAGE_PATHS, type Accelerator } from "./qemu-arguments.ts";
import { Qmp } from "./qmp.ts";
import { SeedPort } from "./seed-port.ts";
import { takeState, type MachineState } from "./template/migration.ts";

/** QEMU and what it may see. */
export interface QemuCommand {
  readonly argv: readonly string[];
  readonly systemRoot: string;
  readonly binds: readonly JailBind[];
  readonly accelerator: Accelerator;
  /** The device state of a frozen machine that goes on here, instead of one that boots. */
  readonly state?: MachineState;
  /** What must be there before the guest may run, if anything; it fails with that. */
  readonly until?: Promise<unknown> | undefined;
  /** Hears that QEMU has been started, and that it will be a while until it answers. */
  readonly onStarted?: (() => void) | undefined;
}

/** QEMU in its jail. */
export interface Qemu {
  readonly consoleTail: ConsoleTail;
  readonly monitor: Qmp;
  readonly seedPort: SeedPort;
  readonly ended: Promise<MachineEnd>;
  openHolds(): Promise<Holds>;
  paused<T>(work: () => Promise<T>): Promise<T>;
  /** Opens the view on QEMU from outside of its jail. */
  peek(): Peek;
  /** Ends it at once. */
  stop(): Promise<void>;
}

/** The image's files in the jail. */
export function imageBinds(image: Image): JailBind[] {
  const bind = (source: string, target: string) => ({ source, target, readOnly: true });
  return [
    bind(image.kernel, IMAGE_PATHS.kernel),
    bind(image.initrd, IMAGE_PATHS.initrd),
    ...image.disks.map((disk, index) => bind(disk, IMAGE_PATHS.disk(index))),
  ];
}

/**
 * Starts QEMU in a jail, proves the jail from outside while the guest waits, then lets the guest run.
 * Throws JAIL_FAILED, JAIL_UNPROVEN, QEMU_FAILED, MEMORY_MISSING or MONITOR_FAILED.
 */
export async function startQemu(cell: Cell, command: QemuCommand, bounds: Bounds): Promise<Qemu> {
  const program = join(command.systemRoot, command.argv[0] ?? "");
  if (!existsSync(program)) throw fail("QEMU_MISSING", { program });
  const { accelerator, state } = command;
  const channels = state ? CHANNEL_COUNT + 1 : CHANNEL_COUNT;
  const jailing = () => cell.launch({ ...command, devices: accelerator === "kvm" ? ["/dev/kvm"] : [], channels }, bounds);
  const jailed = await timed("the jail", jailing);
  const [monitor, consoleStream, seedStream, stateStream] = jailed.channels as readonly [Duplex, Duplex, Duplex, Duplex | undefined];
  const consoleTail = new ConsoleTail();
  consoleStream.on("data", (chunk: Buffer) => consoleTail.add(chunk));
  const seedPort = new SeedPort(seedStream, () => consoleTail.lines(CONSOLE_LINES));

  let shutdown: string | undefined;
  const qmp = new Qmp(monitor, ({ event, data }) => {
    if (event === "SHUTDOWN") shutdown = String(data?.["reason"]);
  });
  let stopping = false;
  const ended = jailed.ended.then(({ status, signal, lastWords }): MachineEnd => {
    if (stopping) return { reason: "stopped", detail: "" };
    const panic = consoleTail.panic();
    if (shutdown === "guest-reset" && panic !== undefined) return { reason: "failed", detail: panic };
    if (status === 0) return { reason: "powered-off", detail: "" };
    return { reason: "failed", detail: lastWords || `QEMU ended with ${status ?? signal}` };
  });
  const stop = async (): Promise<void> => {
    stopping = true;
    await jailed.kill();
  };

  await bounds.scope.defer("stop QEMU", stop);
  try {
    const opening = timed("QEMU's start", () => qmp.open(bounds.signal));
    command.onStarted?.();
    await opening;
    if (state && stateStream) await timed("the state", () => takeState(qmp, stateStream, state, bounds.signal));
    const proving = performance.now();
    jailed.prove();
    note("the jail's proof", proving);
    await command.until;
    await timed("the guest is let run", () => qmp.run("cont", {}, bounds.signal));
  } catch (error) {
    await stop();
    throw withLastWords(error, (await jailed.ended).lastWords);
  }
  const pause = new Pause(qmp, bounds.signal);
  const openHolds = async (): Promise<Holds> => await jailed.openHolds(bounds);
  return { consoleTail, monitor: qmp, seedPort, ended, openHolds, peek: () => jailed.peek(), paused: (work) => pause.during(work), stop };
}

/** When QEMU ended instead of answering, what it said last is the reason. */
function withLastWords(error: unknown, lastWords: string): unknown {
  if (lastWords === "" || !isFailure(error, "MONITOR_FAILED")) return error;
  const code = /allocate memory/i.test(lastWords) ? "MEMORY_MISSING" : "QEMU_FAILED";
  return fail(code, { detail: lastWords }, { cause: error });
}
