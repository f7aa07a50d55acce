import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "../support/sources.ts";

/** How a program ended. */
export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A clone with the real bootstrap, launcher and beginning of the bundle but a command line of three lines, in a folder that is hard to name. */
export class SmallClone implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "cloche-clone-"));
  readonly root = join(this.folder, `it's a "clöne", so: $(it) is %41`);
  readonly launcher = join(this.root, "bin/cloche");

  constructor() {
    mkdirSync(join(this.root, "core"), { recursive: true });
    for (const name of ["plugins", "testing"]) mkdirSync(join(this.root, name));
    for (const name of ["bin", "host", "scripts", "package.json", "package-lock.json", "tsconfig.json", "tsconfig.build.json"]) {
      cpSync(join(ROOT, name), join(this.root, name), { recursive: true });
    }
    cpSync(join(ROOT, "core/bundled"), join(this.root, "core/bundled"), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(this.root, "node_modules"));
    this.writeMain("first");
  }

  /** The command line prints this word and what it was given. */
  writeMain(word: string): void {
    writeFileSync(join(this.root, "core/cli.ts"), `console.log(JSON.stringify(["${word}", process.cwd(), ...process.argv.slice(2)]));\n`);
  }

  /** Runs a program with the Node of the tests first in the PATH. */
  run(command: string, args: readonly string[], options: { readonly cwd?: string; readonly path?: string } = {}): Promise<Ended> {
    const path = options.path ?? `${dirname(process.execPath)}:/usr/bin:/bin`;
    return new Promise((resolve) => {
      execFile(command, args, { cwd: options.cwd ?? this.folder, env: { PATH: path, HOME: this.folder } }, (error, stdout, stderr) => {
        resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
