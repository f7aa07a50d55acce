import { Disposers } from "../../core/support/disposers.ts";
import { SILENT } from "../../core/support/progress.ts";
import type { Guest } from "../../core/machine/guest.ts";
import type { Machine } from "../../core/machine/machine.ts";
import type { Host } from "../../core/session.ts";

/** What the fake host was asked to do, in order, and the places where a test can make it fail. */
export interface FakeHost {
  readonly told: string[];
  readonly host: Host;
}

/** A Host that does nothing but write down what it was asked; everything else in the life is real. */
export function fakeHost(overrides: Partial<Host> = {}): FakeHost {
  const told: string[] = [];
  const machine = {} as Machine;
  const guest = {
    machine,
    run: async (argv: readonly string[]) => {
      told.push(argv.join(" "));
      return { stdout: "", stderr: "" };
    },
  } as unknown as Guest;
  const host: Host = {
    async buildImage(recipe) {
      told.push(`image of ${recipe.packages.join(" ")}`);
      return { id: "fake", kernel: "/k", initrd: "/i", disks: ["/d"] };
    },
    async startMachine(_image, _plan, { scope }) {
      told.push("qemu");
      await scope.defer("qemu", () => told.push("qemu gone"));
      return machine;
    },
    async freezeTemplate() {
      told.push("template");
    },
    async enterGuest() {
      told.push("ssh");
      return guest;
    },
    async openControl() {
      told.push("control");
    },
    async attach(_guest, launch) {
      told.push(`run ${launch.argv.join(" ")}`);
      return 0;
    },
    ...overrides,
  };
  return { told, host };
}

/** The parts of a session that a unit test does not care about. */
export function actingFor(signal: AbortSignal = new AbortController().signal) {
  const session = { name: "test", project: "/project", runDir: "/run", cacheDir: "/cache", stateDir: "/state", frozen: [], hostEnv: {} };
  return { session, scope: new Disposers(), signal, progress: SILENT };
}
