/** The kinds of configuration that may cross, each with a switch of its own. */
export type Kind =
  | "settings" | "memory" | "commands" | "agents" | "skills" | "outputStyles" | "keyBindings" | "plugins" | "preferences" | "mcpServers" | "git";

/** One file of the guest that is made from what the user has on the host. */
export interface StagedFile {
  readonly kind: Kind;
  /** Absolute path in the guest. */
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly mode?: number;
  /** What it was made from, on the host. */
  readonly from: string;
}

/** Something of the user's that does not cross. */
export interface LeftOut {
  readonly kind: Kind;
  /** A file of the host, and the place in it if it is not the whole. */
  readonly what: string;
  readonly why: string;
}

const MOST_NOTES = 500;

/** Collects what crosses and what does not. */
export class Staging {
  readonly files: StagedFile[] = [];
  readonly leftOut: LeftOut[] = [];

  stage(file: StagedFile): void {
    this.files.push(file);
  }

  leave(kind: Kind, what: string, why: string): void {
    if (this.leftOut.length < MOST_NOTES) this.leftOut.push({ kind, what, why });
  }
}
