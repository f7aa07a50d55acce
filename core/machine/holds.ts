/** A path of a share that the jailed program must leave in place. */
export interface HoldWish {
  /** Relative to the share, one character for each byte, so that any name fits; no part of it is followed when it is a link. */
  readonly path: string;
  /**
   * "fixed": nothing changes it; "pinned": it is neither renamed nor removed, and what lies in it may change; "masked": it seems to be
   * empty, and nothing changes that.
   */
  readonly kind: "fixed" | "pinned" | "masked";
  /** What to make when there is nothing; without it the path has to be there. */
  readonly placeholder?: "directory" | { readonly content: string };
}

/** A path that is held until somebody on the host replaces or removes it. */
export interface Held {
  readonly path: string;
  /** Whether it was made as a placeholder just now. */
  readonly made: boolean;
  readonly directory: boolean;
  /** Device and inode, such as "254:0 1234". */
  readonly inode: string;
}

/** A path that could not be held, and why, such as "ENOENT". */
export interface NotHeld {
  readonly path: string;
  readonly error: string;
}

/** Holds paths in the jail's own view of a share, by mounts of which the host sees nothing. */
export interface Holds {
  /** Holds paths of the share with this tag, in the order given; parents first. Answers the outcome of each, in that order. */
  hold(tag: string, wishes: readonly HoldWish[]): Promise<readonly (Held | NotHeld)[]>;
  /** Which of the paths are held at this moment. */
  held(tag: string, paths: readonly string[]): ReadonlySet<string>;
  /** The inodes that the jailed program has open for writing. */
  writing(): ReadonlySet<string>;
  /** Ends the ability to hold more; what is held stays so. */
  close(): Promise<void>;
}
