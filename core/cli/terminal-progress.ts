import type { Writable } from "node:stream";
import type { ScreenProgress } from "../support/progress.ts";
import { escapeLine } from "../support/escape.ts";
import { safeText } from "./output.ts";
import { elapsed, fitted, percent } from "./screen.ts";

/** What it draws on. */
export interface Screen {
  readonly stream: Writable & { readonly columns?: number };
  readonly colors: boolean;
  /** Whether the terminal shows more than ASCII. */
  readonly unicode: boolean;
}

const REDRAW_MS = 100;
const MOST_KEPT = 200;

/** One or two lines at the foot of a terminal, redrawn: the step, how far, how long, and below it what is being done just now. */
export class TerminalProgress implements ScreenProgress {
  readonly #screen: Screen;
  #title: string | undefined;
  #startedMs = 0;
  #fraction: number | undefined;
  #detail = "";
  #drawn = 0;
  #turn = 0;
  #hidden = false;
  #kept: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  step(title: string): void {
    this.#title = escapeLine(title);
    this.#startedMs = performance.now();
    this.update(undefined, "");
    this.#draw();
    // the elapsed time goes on while nothing is reported; the timer alone keeps no process alive
    this.#timer ??= setInterval(() => this.#draw(), REDRAW_MS).unref();
  }

  update(fraction: number | undefined, detail = ""): void {
    this.#fraction = fraction;
    this.#detail = escapeLine(detail);
  }

  say(line: string): void {
    if (this.#hidden) {
      if (this.#kept.length < MOST_KEPT) this.#kept.push(line);
      return;
    }
    this.#erase();
    this.#screen.stream.write(`${safeText(line)}\n`);
    this.#draw();
  }

  hide(): void {
    this.#erase();
    this.#hidden = true;
    this.#title = undefined;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  show(): void {
    this.#hidden = false;
    for (const line of this.#kept.splice(0)) this.say(line);
  }

  #draw(): void {
    // a slow terminal gets fewer pictures, not a queue of them
    if (this.#hidden || this.#title === undefined || this.#screen.stream.writableLength > 0) return;
    const columns = (this.#screen.stream.columns ?? 80) - 1;
    const [first, second] = this.#lines(this.#title);
    const lines = [fitted(first, columns), ...(second === "" ? [] : [this.#dim(fitted(`  ${second}`, columns))])];
    this.#screen.stream.write(this.#eraser() + lines.join("\n"));
    this.#drawn = lines.length;
  }

  #lines(title: string): readonly [string, string] {
    const wheel = this.#screen.unicode ? "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏" : "|/-\\";
    this.#turn = (this.#turn + 1) % wheel.length;
    const far = this.#fraction === undefined ? "" : `  ${percent(this.#fraction)}`;
    return [`${wheel[this.#turn]} ${title}${far}  ${elapsed(performance.now() - this.#startedMs)}`, this.#detail];
  }

  #dim(text: string): string {
    return this.#screen.colors ? `\u001b[2m${text}\u001b[22m` : text;
  }

  #erase(): void {
    if (this.#drawn > 0) this.#screen.stream.write(this.#eraser());
    this.#drawn = 0;
  }

  /** Back to the start of what is drawn, and everything from there on cleared. */
  #eraser(): string {
    if (this.#drawn === 0) return "";
    return `\r${this.#drawn > 1 ? `\u001b[${this.#drawn - 1}A` : ""}\u001b[J`;
  }
}
