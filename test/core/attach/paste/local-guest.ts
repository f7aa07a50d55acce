import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { CommandEnd, GuestChannel, GuestCommand } from "../../../../core/machine/guest.ts";
import { packageRoot } from "../../../../core/support/package-root.ts";

/** A guest that has only what stands for its clipboard, run on this host. */
export class LocalGuest implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "cloche-guest-"));

  constructor() {
    copyFileSync(join(packageRoot(), "guest/clipboard"), join(this.#folder, "xclip"));
  }

  async open({ argv }: GuestCommand): Promise<GuestChannel> {
    const child = spawn("sh", this.#line(argv), { env: this.#env() });
    child.stdin.on("error", () => {}); // one that reads no input may have ended already
    const ended = new Promise<CommandEnd>((resolve) => child.once("close", (status) => resolve({ kind: "exit", status: status ?? 1 })));
    return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, ended, resize() {}, signal() {}, close: () => void child.kill() };
  }

  run(argv: readonly string[]) {
    return spawnSync("sh", this.#line(argv), { env: this.#env() });
  }

  [Symbol.dispose](): void {
    this.run(["xclip", "--cloche-clear"]);
    rmSync(this.#folder, { recursive: true });
  }

  #line([program = "", ...args]: readonly string[]): string[] {
    return [join(this.#folder, basename(program)), ...args];
  }

  #env(): NodeJS.ProcessEnv {
    return { PATH: process.env["PATH"], USER: basename(this.#folder) };
  }
}
