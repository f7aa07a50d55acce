import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { quoted } from "./quoted.ts";

/** What a shell line did. */
export interface Done {
  readonly status: number;
  readonly output: string;
}

/** Somebody who types what README.md says: a shell in a project, with a program called `cloche` in the PATH. */
export class Reader {
  readonly #project: string;
  readonly #env: Readonly<Record<string, string>>;

  /** `program` is the command line that `cloche` stands for; `folder` is for the shell's own use. */
  constructor(folder: string, project: string, env: Readonly<Record<string, string>>, program: readonly string[]) {
    const bin = join(folder, "bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, "cloche"), `#!/bin/sh\nexec ${program.map(quoted).join(" ")} "$@"\n`, { mode: 0o755 });
    this.#project = project;
    this.#env = { ...env, PATH: `${bin}:${env["PATH"] ?? ""}` };
  }

  /** Runs lines of shell up to the first that fails. */
  async types(lines: string, deadlineMs = 60_000): Promise<Done> {
    return await new Promise((resolve) => {
      execFile("sh", ["-euc", lines], { cwd: this.#project, env: this.#env, timeout: deadlineMs, encoding: "utf8" }, (error, stdout, stderr) => {
        resolve({ status: typeof error?.code === "number" ? error.code : error ? -1 : 0, output: stdout + stderr });
      });
    });
  }
}
