/** What a finished program said; `status` is undefined when it could not start, was ended by a signal or took too long. */
export interface Ran {
  readonly status: number | undefined;
  readonly output: string;
}

/** What a check may see of the host; unit tests replace it. */
export interface Look {
  readonly platform: string;
  readonly arch: string;
  readonly nodeVersion: string;
  readonly uid: number;
  readonly user: string;
  /** The folder of images and of what they are made from. */
  readonly cacheDir: string;
  readonly isTerminal: boolean;
  /** The `TERM` of the user. */
  readonly term: string | undefined;
  /** The text of a file, or undefined when it cannot be read. */
  read(path: string): Promise<string | undefined>;
  /** The absolute path of a program of the system, or undefined. */
  find(program: string): string | undefined;
  run(argv: readonly string[], deadlineMs?: number): Promise<Ran>;
  /** Whether the path may be read and written, or why not. */
  access(path: string): Promise<"ok" | "missing" | "denied">;
  /** Free space in bytes where the path is or would be. */
  freeBytes(path: string): Promise<number | undefined>;
}
