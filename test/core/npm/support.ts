import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SessionFacts } from "../../../core/index.ts";
import { storeIn } from "../../../core/npm/package.ts";

/** A directory with a cache, a home and a project, gone when the test ends. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), "cloche-claude-"));
  readonly home = this.#make("home");
  readonly project = this.#make("project");
  readonly bin = this.#make("bin");
  readonly cache = join(this.folder, "a, cache:x");

  /** The facts of a session that has its cache here. */
  facts(hostEnv: Readonly<Record<string, string>> = {}): SessionFacts {
    return { name: "test", project: this.project, runDir: this.folder, cacheDir: this.cache, stateDir: join(this.folder, "state"), frozen: [], hostEnv: { HOME: this.home, ...hostEnv } };
  }

  /** Where the plugin keeps what it fetched. */
  get store(): string {
    return storeIn(this.cache, "claude");
  }

  /** A program named npm that is this shell script. */
  npm(script: string, folder: string = this.bin): void {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "npm"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "npm"), 0o755);
  }

  /** A tarball like npm's, made from a shell script that runs in its directory, with its checksum. */
  tarball(make = "mkdir package && echo program >package/claude && echo other >package/README.md"): { file: string; bytes: Buffer; integrity: string } {
    const tree = this.#make(`tree-${Math.random()}`);
    const file = join(this.folder, "made.tgz");
    execFileSync("sh", ["-ec", make], { cwd: tree });
    execFileSync("sh", ["-c", `tar -cz package >"$0"`, file], { cwd: tree });
    const bytes = readFileSync(file);
    return { file, bytes, integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}` };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #make(name: string): string {
    const folder = join(this.folder, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }
}

/** The error that a promise is rejected with; throws when it is not. */
export async function failureOf(work: Promise<unknown>): Promise<Error & { code?: string; hint?: string }> {
  const error = await work.then(() => undefined, (reason: unknown) => reason);
  if (!(error instanceof Error)) throw new Error("it did not fail");
  return error;
}

/** A signal that never aborts. */
export const calm = (): AbortSignal => new AbortController().signal;
