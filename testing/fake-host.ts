import type { Launch } from "../core/attach/launch.ts";
import type { Recipe } from "../core/image/recipe.ts";
import type { MachinePlan } from "../core/machine/draft.ts";
import type { CommandOutput, Guest } from "../core/machine/guest.ts";
import type { Machine } from "../core/machine/machine.ts";
import type { Host } from "../core/session.ts";

/** What the fake host was asked to do, and the places where a test can make it fail. */
export interface FakeHost {
  /** In order, in words. */
  readonly told: string[];
  readonly seen: Seen;
  readonly host: Host;
}

/** What reached the fake host, as it was when it came. */
export interface Seen {
  recipe?: Recipe;
  plan?: MachinePlan;
  launch?: Launch;
  /** Files that were written in the guest, by their paths. */
  readonly files: Record<string, string>;
}

/** What a command in the fake guest answers; nothing, with success, when not given. */
export type Answers = (argv: readonly string[], input: string) => Partial<CommandOutput> | undefined;

/** A Host that does nothing but write down what it was asked; everything else in the life is real. */
export function fakeHost(overrides: Partial<Host> = {}, answers: Answers = () => undefined): FakeHost {
  const told: string[] = [];
  const seen: Seen = { files: {} };
  const machine = {} as Machine;
  const guest = fakeGuest(machine, told, seen, answers);
  const host: Host = {
    async buildImage(recipe) {
      seen.recipe = recipe;
      told.push(`image of ${recipe.packages.join(" ")}`);
      return { id: "fake", kernel: "/k", initrd: "/i", disks: ["/d"] };
    },
    async startMachine(_image, plan, { scope }) {
      seen.plan = plan;
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
      seen.launch = launch;
      told.push(`run ${launch.argv.join(" ")}`);
      return 0;
    },
    ...overrides,
  };
  return { told, seen, host };
}

function fakeGuest(machine: Machine, told: string[], seen: Seen, answers: Answers): Guest {
  const write = (path: string, content: string | Uint8Array): void => {
    told.push(`write ${path}`);
    seen.files[path] = Buffer.from(content).toString();
  };
  return {
    machine,
    async open() {
      throw new Error("the fake guest starts no command that stays; try this in a real machine");
    },
    async run(argv, options = {}) {
      told.push(argv.join(" "));
      return { stdout: "", stderr: "", ...answers(argv, Buffer.from(options.input ?? "").toString()) };
    },
    async start() {
      throw new Error("the fake guest starts no command that stays; try this in a real machine");
    },
    async connect() {
      throw new Error("nothing listens in the fake guest; try this in a real machine");
    },
    async writeFile(path, content) {
      write(path, content);
    },
    async writeFiles(files) {
      for (const { path, content } of files) write(path, content);
    },
  };
}
