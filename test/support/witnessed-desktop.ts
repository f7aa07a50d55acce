import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const PROGRAMS = "/usr/bin";
const DEADLINE_MS = 30_000;

/** A desktop of which only this is there: what shows notifications, in the place where it is looked for, which writes down what it is told. */
export class WitnessedDesktop implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "cloche-desk-"));

  constructor() {
    const at = (name: string): string => join(this.#folder, name);
    for (const name of ["programs", "host"]) mkdirSync(at(name));
    for (const name of readdirSync(PROGRAMS)) if (name !== "notify-send") symlinkSync(join(at("host"), name), join(at("programs"), name));
    writeFileSync(join(at("programs"), "notify-send"), `#!/bin/sh\nfor word; do echo "$word"; done >>${at("told")}\n`, { mode: 0o755 });
  }

  /** A command line that runs another one so that it finds this desktop. */
  seenBy(argv: readonly string[]): readonly string[] {
    const host = join(this.#folder, "host");
    return ["bwrap", "--dev-bind", "/", "/", "--ro-bind", PROGRAMS, host, "--ro-bind", join(this.#folder, "programs"), PROGRAMS, "--", ...argv];
  }

  /** All that it was told, once it was told something. */
  async told(): Promise<string> {
    const file = join(this.#folder, "told");
    for (const until = Date.now() + DEADLINE_MS; !existsSync(file) && Date.now() < until; ) await sleep(100);
    await sleep(500); // one too many would come now
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
