import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import type { Place } from "./place.ts";

const run = promisify(execFile);
const EVERY_MS = 100;
const PATIENCE_MS = 15_000;

/** A program in a real terminal emulator of 100 columns and 30 rows, whose screen a test reads as a person would. */
export class TerminalScreen implements AsyncDisposable {
  readonly #tmux: (...args: string[]) => Promise<string>;

  private constructor(tmux: (...args: string[]) => Promise<string>) {
    this.#tmux = tmux;
  }

  /** Starts the program with the place's environment and nothing else, standing in its project. */
  static async start(place: Place, argv: readonly string[]): Promise<TerminalScreen> {
    const socket = join(place.runtime, "tmux");
    const tmux = async (...args: string[]) => (await run("tmux", ["-S", socket, "-f", "/dev/null", ...args], { env: place.env, cwd: place.project })).stdout;
    // the first command of the server keeps the screen of a program that ended
    // a command line of one word would go to a shell, which splits a path with blanks; env makes it two
    await tmux("set-option", "-g", "remain-on-exit", "on", ";", "new-session", "-d", "-x", "100", "-y", "30", "-c", place.project, "--", "env", ...argv);
    return new TerminalScreen(tmux);
  }

  /** What stands on the screen, each long line as one. */
  read(): Promise<string> {
    return this.#tmux("capture-pane", "-p", "-J");
  }

  /** Waits until this stands on the screen; throws with the screen when it does not, or when the program ended before. */
  async shows(wanted: string | RegExp, deadlineMs: number): Promise<void> {
    const fits = (screen: string): boolean => (typeof wanted === "string" ? screen.includes(wanted) : wanted.test(screen));
    await this.#until(deadlineMs, `${wanted} to be shown`, async () => {
      const isOver = (await this.#pane("pane_dead")) === "1";
      const screen = await this.read();
      if (isOver && !fits(screen)) throw new Error(`the program ended and never showed ${wanted}; the screen:\n${screen}`);
      return fits(screen);
    });
  }

  /** Types the text and waits until the program shows it. */
  async type(text: string, deadlineMs: number): Promise<void> {
    await this.#tmux("send-keys", "-l", text);
    await this.shows(text, deadlineMs);
  }

  /** Types the text, and Return once it is on the screen. */
  async enter(text: string): Promise<void> {
    await this.type(text, 30_000);
    await this.#tmux("send-keys", "Enter");
  }

  /** Presses a key, by the name that tmux has for it, such as "C-v". */
  async key(name: string): Promise<void> {
    await this.#tmux("send-keys", name);
  }

  /** Presses a key until this is shown: a program that is just being stopped and continued may lose what is typed meanwhile. */
  async keyUntil(name: string, wanted: RegExp, deadlineMs: number): Promise<void> {
    const late = performance.now() + deadlineMs;
    for (;;) {
      await this.key(name);
      try {
        return await this.shows(wanted, PATIENCE_MS);
      } catch (error) {
        if (performance.now() > late) throw error;
      }
    }
  }

  /** Waits for the program's end and answers its exit status. */
  async status(deadlineMs: number): Promise<number> {
    await this.#until(deadlineMs, "the program to end", async () => (await this.#pane("pane_dead")) === "1");
    return Number(await this.#pane("pane_dead_status"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux("kill-server");
  }

  async #pane(fact: string): Promise<string> {
    return (await this.#tmux("display-message", "-p", `#{${fact}}`)).trim();
  }

  async #until(deadlineMs: number, what: string, holds: () => Promise<boolean>): Promise<void> {
    const late = performance.now() + deadlineMs;
    while (!(await holds())) {
      if (performance.now() > late) throw new Error(`waited ${deadlineMs / 1000} s for ${what}; the screen:\n${await this.read()}`);
      await pause(EVERY_MS);
    }
  }
}
