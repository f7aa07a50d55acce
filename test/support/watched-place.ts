import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Place } from "./place.ts";
import { leftovers, traces, type Traces } from "./traces.ts";

// What is kept on purpose after a session: its log, what it asked the network for, what it left that could run, and what was asked for.
const KEPT = /^file .*\/\.local(\/state(\/cloche(\/sessions(\/[\w-]+\.log)?|\/(egress|reports|trust|placeholders|suggested)(\/.+)?)?)?)?$/;

/** A place that knows what was there before, to tell what a session left. The project is not looked at: what happens there stays. */
export class WatchedPlace extends Place {
  #before: Traces;

  /** A place whose sessions boot: going on from a template would be over too soon, or a template would be made behind the test's back. */
  static booting(program?: readonly string[]): WatchedPlace {
    return new WatchedPlace(program, { CLOCHE_TEMPLATE: "off" });
  }

  constructor(program?: readonly string[], env: Readonly<Record<string, string>> = {}) {
    super("project", env, program);
    // the one directory that all sessions share stays
    mkdirSync(join(this.runtime, "cloche/sessions"), { recursive: true, mode: 0o700 });
    this.#before = traces(this.#folders);
  }

  override configure(values: unknown): void {
    super.configure(values);
    this.#before = traces(this.#folders);
  }

  /** What is left of a session that has ended, as lines for people; waits a moment for helpers that are still ending. */
  async left(deadlineMs = 5000): Promise<readonly string[]> {
    const until = Date.now() + deadlineMs;
    for (;;) {
      const left = leftovers(this.#before, traces(this.#folders)).filter((line) => !line.startsWith(`file ${this.project}/`) && !KEPT.test(line));
      if (left.length === 0 || Date.now() > until) return left;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Fails with what is left of a session that has ended, if anything is. */
  async expectNothingLeft(): Promise<void> {
    const left = await this.left();
    expect(left, left.join("\n")).to.deep.equal([]);
  }

  get #folders(): readonly string[] {
    return [this.home, this.runtime, this.project];
  }
}
