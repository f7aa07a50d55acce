import type { Look, Ran } from "../../../core/doctor/look.ts";

/** A host made of what the test says; everything else is missing. */
export interface FakeHost {
  readonly facts?: Partial<Look>;
  readonly files?: Readonly<Record<string, string>>;
  readonly programs?: readonly string[];
  /** What commands say, by the words they contain, the first that fits. */
  readonly says?: readonly (readonly [words: string, ran: Partial<Ran>])[];
}

/** The commands that were run are in `ran`. */
export function fakeLook({ facts, files = {}, programs = [], says = [] }: FakeHost): Look & { readonly ran: string[] } {
  const ran: string[] = [];
  const present = new Set(programs);
  return {
    platform: "linux",
    arch: "x64",
    nodeVersion: "24.1.0",
    uid: 1000,
    user: "ada",
    cacheDir: "/home/ada/.cache/cloche",
    isTerminal: false,
    term: "xterm",
    read: async (path) => files[path],
    find: (program) => (present.has(program) ? `/usr/bin/${program}` : undefined),
    run: async (argv) => {
      const line = argv.join(" ");
      ran.push(line);
      const [, answer] = says.find(([words]) => line.includes(words)) ?? [];
      return { status: 0, output: "", ...answer };
    },
    access: async (path) => (path in files ? "ok" : "missing"),
    freeBytes: async () => 100 * 1024 ** 3,
    ...facts,
    ran,
  };
}
