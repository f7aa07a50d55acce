import type { Writable } from "node:stream";
import type { ScreenProgress } from "../support/progress.ts";
import { escapeLine } from "../support/escape.ts";
import { safeText } from "./output.ts";
import { elapsed, percent } from "./screen.ts";

/** How long a step lasts before it is worth a line, and how long until the next one, in ms. */
export interface Pace {
  readonly firstMs: number;
  readonly nextMs: number;
}

const PACE: Pace = { firstMs: 1_000, nextMs: 10_000 };
const MOST_KEPT = 200;

/** Plain lines for files, pipes and terminals that cannot move the cursor: only steps that last, and of those only now and then one. */
export class PlainProgress implements ScreenProgress {
  readonly #stream: Writable;
  readonly #pace: Pace;
  #title: string | undefined;
  #startedMs = 0;
  #far = "";
  #hidden = false;
  #kept: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: Writable, pace: Pace = PACE) {
    this.#stream = stream;
    this.#pace = pace;
  }

  step(title: string): void {
    this.#title = escapeLine(title);
    this.#startedMs = performance.now();
    this.#far = "";
    this.#wait(this.#pace.firstMs);
  }

  update(fraction: number | undefined, detail = ""): void {
    this.#far = [fraction === undefined ? "" : percent(fraction), escapeLine(detail)].filter((text) => text !== "").join(", ");
  }

  say(line: string): void {
    if (!this.#hidden) this.#stream.write(`${safeText(line)}\n`);
    else if (this.#kept.length < MOST_KEPT) this.#kept.push(line);
  }

  hide(): void {
    clearTimeout(this.#timer);
    this.#title = undefined;
    this.#hidden = true;
  }

  show(): void {
    this.#hidden = false;
    for (const line of this.#kept.splice(0)) this.say(line);
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(), ms).unref();
  }

  #tell(): void {
    if (this.#hidden || this.#title === undefined) return;
    const spentMs = performance.now() - this.#startedMs;
    const facts = [this.#far, spentMs >= 2_000 ? elapsed(spentMs) : ""].filter((text) => text !== "").join(", ");
    this.#stream.write(`${this.#title}${facts === "" ? "…" : `: ${facts}`}\n`);
    this.#wait(this.#pace.nextMs);
  }
}
