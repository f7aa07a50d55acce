import { accessSync, constants, existsSync } from "node:fs";
import type { Image } from "../image/image.ts";
import { probeAccelerator } from "./accelerator-probe.ts";
import { cachedVerdict, type Verdict } from "./accelerator-verdict.ts";
import type { Bounds } from "./containment.ts";
import { fail } from "./failures.ts";
import type { Accelerator } from "./qemu-arguments.ts";

/** What the user asks for: whatever works, hardware or nothing, or software emulation. */
export type AcceleratorWish = "auto" | Accelerator;

/** How a machine will run, and why, as a clause: "there is no /dev/kvm". */
export interface AcceleratorChoice {
  readonly accelerator: Accelerator;
  readonly reason: string;
}

/** Where to look and where to keep what was seen. */
export interface AcceleratorOptions {
  readonly accel: AcceleratorWish;
  /** Where the system lies whose QEMU is used: "/" for the host's own. */
  readonly systemRoot: string;
  /** Directory of the user's that outlives sessions. */
  readonly cacheDir: string;
  /** For tests: the device, and what tries it. */
  readonly device?: string;
  readonly probe?: typeof probeAccelerator;
}

/**
 * Chooses the accelerator: hardware only when a guest was seen running under it since the host booted.
 * Throws ACCEL_UNAVAILABLE when hardware is demanded and does not work.
 */
export async function chooseAccelerator(image: Image, options: AcceleratorOptions, bounds: Pick<Bounds, "signal">): Promise<AcceleratorChoice> {
  if (options.accel === "tcg") return { accelerator: "tcg", reason: "software emulation was asked for" };
  const { works, reason } = await proveKvm(image, options, bounds);
  if (works) return { accelerator: "kvm", reason };
  if (options.accel === "kvm") throw fail("ACCEL_UNAVAILABLE", { reason });
  return { accelerator: "tcg", reason };
}

/** Whether hardware acceleration works here, shown by running a guest, or remembered from the last time; and why. */
export async function proveKvm(image: Image, options: Omit<AcceleratorOptions, "accel">, bounds: Pick<Bounds, "signal">): Promise<Verdict> {
  const { systemRoot, cacheDir, device = "/dev/kvm", probe = probeAccelerator } = options;
  const refusal = deviceRefusal(device);
  if (refusal !== undefined) return { works: false, reason: refusal };
  return await cachedVerdict(cacheDir, [systemRoot, image], () => probe(image, { systemRoot, signal: bounds.signal }));
}

function deviceRefusal(device: string): string | undefined {
  if (!existsSync(device)) return `there is no ${device}`;
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
    return undefined;
  } catch {
    return `you may not use ${device}, which needs the group kvm`;
  }
}
