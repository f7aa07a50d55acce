import { join } from "node:path";
import type { CommandIo, Held } from "./commands/command.ts";
import type { Launch } from "./attach/launch.ts";
import type { Override } from "./config/overrides.ts";
import type { CoreOptions } from "./config/sections.ts";
import type { BegunSession } from "./sessions/begin.ts";
import type { MachineAhead } from "./machine/ahead/machine-ahead.ts";
import type { Machine } from "./machine/machine.ts";
import type { Inside, Suspension } from "./suspend/suspension.ts";
import type { HeldCommand } from "./sessions/held/held-command.ts";
import type { Acting, Attaching, Host } from "./session.ts";
import { loadToAttach, loadToHold } from "./load-ahead.ts";
import type { Guest } from "./machine/guest.ts";
import { planFreezing } from "./machine/template/freeze-later.ts";
import type { Shape } from "./machine/template/shape.ts";
import { processesBelow } from "./sessions/usage.ts";
import { sayKilled } from "./attach/say-killed.ts";
import { escapeLine } from "./support/escape.ts";
import { giveBackMemoryLater } from "./support/idle-memory.ts";
import { timed } from "./support/timings.ts";

/** What the real host is made from. */
export interface HostWiring {
  readonly core: CoreOptions;
  /** What of the configuration was said on the command line. */
  readonly overrides: readonly Override[];
  readonly io: CommandIo;
  /** Whether the user's command gets a terminal. */
  readonly tty: boolean;
  readonly begun: BegunSession;
  /** Directory of the user's that outlives sessions. */
  readonly stateDir: string;
  /** Makes the image anew though there is one. */
  readonly rebuild?: boolean | undefined;
  /** When the session is detached: what stands for its terminal. */
  readonly held?: Held | undefined;
  /** How it is put on the disk, when it can be. */
  readonly suspension?: Suspension | undefined;
  /** A machine that was begun before it was known what is wanted. */
  readonly ahead?: MachineAhead | undefined;
}

const MIB = 1024 * 1024;

/** The Host that acts on this machine. Each act loads its part when it comes to it: none of them is needed to fail early. */
export function makeHost({ core, overrides, io, tty, begun, stateDir, rebuild, held, suspension, ahead }: HostWiring): Host {
  let heldCommand: HeldCommand | undefined;
  let freezeLater: Shape | undefined;
  /** The option by which the machine has a disk that is no part of what is saved of it. */
  let diskBy: string | undefined;
  const machineOptions = ({ progress, session }: Acting) => {
    const { accel, cpus, memoryBytes, qemuRoot, scratchBytes, scratchDirectory, lockMemory } = core.machine;
    const ask = io.stdin.isTTY && io.stderr.isTTY ? (question: string) => io.ask(question) : undefined;
    return {
      cpus,
      memoryMiB: Math.floor(memoryBytes / MIB),
      accel,
      lockMemory,
      ...(qemuRoot !== undefined && { qemuRoot }),
      ...(scratchBytes !== undefined && { scratch: { bytes: scratchBytes, directory: scratchDirectory ?? join(session.cacheDir, "scratch") } }),
      async onEmulation(reason: string) {
        const { consentToEmulation } = await import("./machine/emulation-consent.ts");
        await consentToEmulation({ reason, stateDir, progress, ask });
      },
    };
  };
  /** Each helper ends with us by its own means; the reaper sees to it that they do. */
  const watchAll = (): void => {
    for (const pid of processesBelow(process.pid)) begun.watch(pid);
  };
  const onEntered = suspension && { onEntered: (inside: Inside) => suspension.entered(inside) };
  const suspending = suspension && { get isWanted() { return suspension.isWanted; }, save: (machine: Machine, attaching: Attaching) => suspension.save(machine, { request: attaching.request, tty, overrides }, attaching) };
  return {
    ...(suspending && { suspension: suspending }),

    async buildImage(recipe, { session, signal, progress }) {
      const [{ buildImage }, { distrustAfterBoot }] = await Promise.all([import("./image/build-image.ts"), import("./image/boot-check.ts")]);
      await distrustAfterBoot(session.cacheDir);
      return await buildImage(recipe, {
        cacheDir: session.cacheDir,
        maxAgeMs: core.image.maxAgeMs,
        mirror: core.image.mirror,
        rebuild,
        signal,
        progress,
      });
    },

    async startMachine(image, plan, acting) {
      acting.progress.step("Starting the machine");
      const { startMachine } = await import("./machine/start.ts");
      const { template } = core.machine;
      const onBoot = (shape: Shape): void => {
        if (template === "auto") freezeLater = shape;
        acting.progress.step("Booting the guest");
        watchAll();
      };
      const onStarted = (): void => void (held ? loadToHold() : loadToAttach());
      diskBy = core.machine.scratchBytes === undefined ? plan.disks[0]?.setting : "machine.scratch";
      const machine = await startMachine(image, plan, { ...machineOptions(acting), template, ahead, bootDeadlineMs: core.machine.bootDeadlineMs, onBoot, onStarted }, acting);
      watchAll();
      return machine;
    },

    async freezeTemplate(image, plan, acting) {
      if (core.machine.template === "off") return undefined;
      acting.progress.step("Making the template");
      const [{ shapeOf }, { makeTemplate }] = await Promise.all([import("./machine/start.ts"), import("./machine/template/make.ts")]);
      const shape = await shapeOf(image, plan, machineOptions(acting), acting);
      return await makeTemplate(shape, {
        cacheDir: acting.session.cacheDir,
        bootDeadlineMs: core.machine.bootDeadlineMs,
        signal: acting.signal,
        wait: true,
        rebuild,
        step: (what) => acting.progress.update(undefined, what),
      });
    },

    async enterGuest(machine, acting) {
      acting.progress.step("Reaching the guest");
      const { enterGuest } = await import("./machine/guest-enter.ts");
      const guest = await enterGuest(machine, { hostname: begun.name, deadlineMs: core.machine.bootDeadlineMs, ...onEntered }, acting);
      if (core.machine.scratchBytes !== undefined) {
        const { mountScratch } = await import("./machine/scratch-mount.ts");
        await mountScratch(guest);
      }
      return guest;
    },

    async openControl(guest, launch, questions, { session, scope, notices, request, signal }) {
      const [{ serveControl }, { servePorts }, { serveSnapshots }] = await Promise.all([
        import("./sessions/control-server.ts"), import("./ports/serve-ports.ts"), import("./suspend/snapshots.ts"),
      ]);
      await servePorts(guest, questions, notices, scope);
      const { savedLimitBytes: limitBytes } = core.machine;
      await suspension?.serve(questions, { name: begun.name, stateDir, limitBytes, diskBy }, scope);
      serveSnapshots(questions, { guest, session, command: { request, tty, overrides }, diskBy, limitBytes, signal });
      const { name, runDir, project } = session;
      await serveControl({ name, runDir, project, guest, environment: () => launch.commonEnv, questions, held: () => heldCommand }, scope);
      watchAll();
      await begun.enter("running");
    },

    async attach(guest, launch, attaching) {
      const freezing = freezeLater && planFreezing(freezeLater, attaching.session.cacheDir, core.machine.bootDeadlineMs);
      const stopKeeping = attaching.request.kind === "agent" ? attaching.status.keepIn(guest) : undefined;
      const leaveMemory = giveBackMemoryLater();
      const killedBefore = guest.machine.outOfMemory().length;
      try {
        return await (held ? hold(held, guest, launch, attaching) : couple(guest, launch, attaching));
      } finally {
        leaveMemory();
        stopKeeping?.();
        sayKilled(guest.machine.outOfMemory().slice(killedBefore), attaching.progress);
        await freezing?.();
        await begun.enter("ending").catch(() => {}); // the directory may be gone already; the record only informs
      }
    },
  };

  /** The command of a detached session, for terminals that come and go. */
  async function hold({ terminal, onReady }: Held, guest: Guest, launch: Launch, { session, signal, request }: Attaching): Promise<number> {
    const { holdLaunch, outlive } = await import("./attach/hold-launch.ts");
    const { env, size: stdout } = terminal;
    heldCommand = await holdLaunch(guest, launch, session.project, { env, stdout }, { name: session.name, tty, isAgent: request.kind === "agent", signal });
    onReady(session.name);
    const leaving = AbortSignal.any([signal, ...(suspension ? [suspension.wanted] : [])]);
    return await outlive(heldCommand, leaving).catch((error: unknown) => {
      if (signal.aborted || suspension?.isWanted !== true) throw error;
      return 0;
    });
  }

  /** The command on the terminal that we were started on. */
  async function couple(guest: Guest, launch: Launch, { session, signal, progress, notices, request }: Attaching): Promise<number> {
    const [{ attachLaunch }, { processTerminal }, { Desk }] = await Promise.all([
      import("./attach/attach-launch.ts"), import("./attach/terminal.ts"), import("./attach/desk.ts"),
    ]);
    const desk = new Desk({
      session: session.name, notices, env: process.env, isAgent: request.kind === "agent",
      options: () => core.terminal, open: (command) => guest.open(command),
    });
    // a full-screen program may need a while for its first screen, when nothing of ours may be drawn any more
    if (tty && io.stdout.isTTY) progress.say(`Starting ${escapeLine(launch.argv[0] ?? "a shell")} in the session ${session.name}…`);
    io.progress.hide();
    try {
      const options = { signal, tty, desk, say: (line: string) => progress.say(line) };
      return await timed("the command", () => attachLaunch(guest, launch, session.project, processTerminal(), options));
    } finally {
      io.progress.show();
    }
  }
}
