import type { Candidate, Completion } from "./complete.ts";

/** Names that change from day to day, looked up when they are asked for. */
export interface Names {
  sessions(): Promise<readonly Candidate[]>;
  plugins(): Promise<readonly Candidate[]>;
  /** Keys of the configuration. */
  keys(): Promise<readonly Candidate[]>;
}

const MODES: readonly Candidate[] = [
  { word: "auto", description: "KVM where it works" },
  { word: "kvm", description: "KVM or no start" },
  { word: "tcg", description: "software emulation" },
];
const SHELLS: readonly Candidate[] = ["bash", "zsh", "fish"].map((word) => ({ word, description: "" }));

/** What may stand for a value by what it is called in the help, and the option whose value it is; nothing for values that are free. */
export async function valuesOf(kind: string, flag: string, names: Names): Promise<Completion> {
  const of = (candidates: readonly Candidate[], goesOn = false): Completion => ({ candidates, names: "none", goesOn });
  switch (kind) {
    case "PLUGIN":
      return of(await names.plugins());
    case "SESSION":
      return of(await names.sessions());
    case "NAME":
      // a name for a new session is free
      return of(flag === "name" ? [] : await names.sessions());
    case "KEY":
      return of(await names.keys());
    case "KEY=VALUE":
      return of((await names.keys()).map(({ word, description }) => ({ word: `${word}=`, description })), true);
    case "MODE":
      return of(MODES);
    case "SHELL":
      return of(SHELLS);
    case "DIRECTORY":
      return { candidates: [], names: "directories", goesOn: false };
    case "FILE":
      return { candidates: [], names: "files", goesOn: false };
    default:
      return of([]);
  }
}
