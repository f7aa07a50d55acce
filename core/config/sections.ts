import { availableParallelism, totalmem } from "node:os";
import { z } from "zod";
import type { DeskOptions } from "../attach/desk.ts";
import { TOOL_NAMES, toolProblem } from "../image/tools/names.ts";
import { hide } from "../support/log.ts";
import { PROVISION } from "./provision-section.ts";
import { bytes, duration, milliseconds, size } from "./quantities.ts";

const CLIPBOARD_BYTES = 64 * 1024;
const PACKAGE = /^[a-z0-9][a-z0-9+.-]+(:[a-z0-9]+)?$/;

/** What the image contains besides what plugins add. */
export const IMAGE = z.strictObject({
  suite: z
    .string()
    .regex(/^[a-z]{2,32}$/, "Write the code name of a Debian release in small letters")
    .default("trixie")
    .describe("Debian release in the guest, by its code name"),
  packages: z
    .array(z.string().regex(PACKAGE, "This is not the name of a Debian package"))
    .max(1000)
    .default([])
    .describe("Debian packages to install besides those that cloche and its plugins need"),
  tools: z
    .array(z.string().superRefine((name, context) => {
      const problem = toolProblem(name);
      if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
    }))
    .max(50)
    .default([])
    .describe(`Tools to install, by name: ${TOOL_NAMES.join(", ")}; a version of some, such as node@24`),
  maxAge: duration().default("7d").describe("Age at which an image is built anew, so that it gets security updates"),
  mirror: z
    .url({ protocol: /^https?$/, error: "Write an http or https address" })
    .optional()
    .describe("Where to fetch Debian packages from; what the host's apt uses when not given"),
});

/** The machine that the agent runs in. */
export const MACHINE = z.strictObject({
  cpus: z.int().min(1).max(512).optional().describe("Number of processors; all of the host's when not given"),
  memory: size(256).optional().describe('Memory, such as "4GiB"; half of the host\'s, at most 8 GiB, when not given'),
  accel: z
    .enum(["auto", "kvm", "tcg"])
    .default("auto")
    .describe("auto probes KVM and falls back to software emulation, kvm refuses to start without it, tcg never uses it"),
  bootDeadline: duration().default("3m").describe("Longest time that a machine may take to start"),
  template: z
    .enum(["auto", "off"])
    .default("auto")
    .describe("auto starts from a frozen copy of a booted machine, made once after the image; off boots each time"),
  scratch: size(64)
    .optional()
    .describe('A disk for bulk data at /scratch, such as "20GiB": sparse, encrypted with a key of the guest, gone at the end; none when not given'),
  savedLimit: size(64).default("16GiB").describe("Most room on the disk that suspended sessions and snapshots may take together"),
  lockMemory: z.boolean().default(false).describe("Whether the machine's memory is kept out of the host's swap; the limit of locked memory (ulimit -l) has to allow it"),
  scratchDirectory: z
    .string()
    .regex(/^\//, "Write an absolute path")
    .optional()
    .describe("Directory on a disk of the host where the scratch disk's file lies; below cloche's cache when not given"),
  qemuRoot: z
    .string()
    .regex(/^\//, "Write an absolute path")
    .optional()
    .describe("Directory of another QEMU than the system's, with usr/bin/qemu-system-… below it"),
});

/** What programs of the guest may do to the user's terminal besides drawing on it. */
export const TERMINAL = z.strictObject({
  clipboard: z
    .enum(["off", "write"])
    .default("off")
    .describe("Whether a program in the guest may put text on your clipboard (at most 64 KiB at once); reading it is never possible"),
  pasteImages: z.boolean().default(true).describe("Whether Ctrl+V gives the agent an image that is on your clipboard"),
  notify: z.boolean().default(true).describe("Whether your desktop tells you that the agent waits, when you have not typed for a while"),
});

/** The agent's place in the guest. */
export const AGENT = z.strictObject({
  sudo: z.boolean().default(false).describe("Whether the agent's user may become root in the guest with sudo; what the guest may reach is the same either way"),
});

/** Plugins from outside, by where they lie. */
const LOAD = z
  .array(z.string().min(1).max(4096))
  .max(100)
  .default([])
  .describe("Plugins that did not come with cloche: paths from the directory of your configuration, or names of installed packages");

/** The core's own sections by their keys; `plugins` and those of the plugins come besides. */
export const CORE_SECTIONS: Readonly<Record<string, z.ZodType>> = {
  image: IMAGE.describe("What the image contains"),
  machine: MACHINE.describe("The machine that the agent runs in"),
  terminal: TERMINAL.describe("What programs of the guest may do to your terminal"),
  agent: AGENT.describe("What the agent may in the guest"),
  load: LOAD,
  provision: PROVISION,
};

/** The core's own options, checked, in the units that the code counts in. */
export interface CoreOptions {
  readonly image: {
    readonly suite: string;
    readonly packages: readonly string[];
    readonly maxAgeMs: number;
    readonly mirror: string | undefined;
  };
  readonly machine: {
    readonly cpus: number;
    readonly memoryBytes: number;
    readonly accel: "auto" | "kvm" | "tcg";
    readonly bootDeadlineMs: number;
    readonly qemuRoot: string | undefined;
    readonly template: "auto" | "off";
    readonly scratchBytes: number | undefined;
    /** What suspended sessions and snapshots may take together. */
    readonly savedLimitBytes: number;
    readonly scratchDirectory: string | undefined;
    readonly lockMemory: boolean;
  };
  readonly terminal: DeskOptions;
}

/** Defaults that depend on the host and so cannot stand in the schema. */
export function hostDefaults(): { machine: { cpus: number; memory: string } } {
  const memoryMiB = Math.min(Math.floor(totalmem() / 2 ** 21), 8192);
  return { machine: { cpus: Math.min(availableParallelism(), 512), memory: `${Math.max(memoryMiB, 256)}MiB` } };
}

/** The checked sections in the units of the code; from now on no log shows a password of the mirror. */
export function coreOptions(image: z.output<typeof IMAGE>, machine: z.output<typeof MACHINE>, terminal: z.output<typeof TERMINAL>): CoreOptions {
  const { password } = new URL(image.mirror ?? "http://none");
  if (password !== "") hide(decodeURIComponent(password));
  const defaults = hostDefaults().machine;
  return {
    image: { suite: image.suite, packages: image.packages, maxAgeMs: milliseconds(image.maxAge), mirror: image.mirror },
    machine: {
      cpus: machine.cpus ?? defaults.cpus,
      memoryBytes: bytes(machine.memory ?? defaults.memory),
      accel: machine.accel,
      bootDeadlineMs: milliseconds(machine.bootDeadline),
      savedLimitBytes: bytes(machine.savedLimit),
      scratchBytes: machine.scratch === undefined ? undefined : bytes(machine.scratch),
      scratchDirectory: machine.scratchDirectory,
      lockMemory: machine.lockMemory,
      qemuRoot: machine.qemuRoot,
      template: machine.template,
    },
    terminal: {
      clipboardBytes: terminal.clipboard === "write" ? CLIPBOARD_BYTES : 0,
      pasteImages: terminal.pasteImages,
      notify: terminal.notify,
    },
  };
}
