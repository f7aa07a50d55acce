/** Hears what a program asks of the terminal that is not passed on as it is. */
export interface FilterListener {
  /** The window's title, with nothing in it that a terminal obeys. */
  title(text: string): void;
  /** The title is put aside, or comes back. */
  titleStack(change: "push" | "pop"): void;
  /** The program wants to be looked at: a bell, or one of the notifications that some terminals know. */
  attention(): void;
  /** The program wants to write the clipboard: so many bytes, passed on or not. */
  clipboard(bytes: number, passed: boolean): void;
}

/** What the user allows, and who hears. */
export interface FilterOptions {
  /** Whether questions that the terminal answers into its input may pass; not when nobody of the guest's reads that input. */
  readonly answers: boolean;
  /** Most bytes that a program may put on the user's clipboard at once; 0 forbids it. */
  readonly clipboardBytes: number;
  readonly listener: FilterListener;
}
