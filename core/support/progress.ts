/** Where a part says how far it is; the command line draws it, a test collects it. */
export interface Progress {
  /** A step of the life begins, such as "Building the image"; it ends when the next one begins. */
  step(title: string): void;
  /** How far the present step is, from 0 to 1, and what it is doing just now. */
  update(fraction: number | undefined, detail?: string): void;
  /** One line that stays, such as a warning. */
  say(line: string): void;
}

/** Progress that shares the terminal with the agent's screen. */
export interface ScreenProgress extends Progress {
  /** Erases what is drawn and draws nothing until `show`; what is said meanwhile is said then. */
  hide(): void;
  show(): void;
}

/** For callers that want no progress shown. */
export const SILENT: Progress = { step() {}, update() {}, say() {} };
