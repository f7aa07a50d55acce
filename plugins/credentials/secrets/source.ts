import { spawn } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";
import { hide, withDeadline } from "../../../core/index.ts";
import { fail } from "../failures.ts";
import { readBounded } from "../staging/read.ts";
import type { Source } from "./options.ts";

/** What reading a source needs of the host. */
export interface SourceReach {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** How long a program may take; half a minute when not given. */
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 30_000;
const LARGEST_BYTES = 64 * 1024;
const SHORTEST = 8;
const LONGEST = 16 * 1024;

/** What a program of the user's gets of the environment, by exact names: where things are, and how to reach the keyring and its agents. */
const PASSED_ON = [
  "HOME", "PATH", "USER", "LOGNAME", "LANG", "LC_ALL", "TERM", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
  "DBUS_SESSION_BUS_ADDRESS", "GNUPGHOME", "GPG_TTY", "PASSWORD_STORE_DIR", "CLOUDSDK_CONFIG",
] as const;

/**
 * Reads a value from its source, and hides it from every log. `what` names the secret in messages, which never hold the value. Throws
 * CREDENTIALS_SECRET_UNUSABLE.
 */
export async function readSource(what: string, source: Source, reach: SourceReach): Promise<string> {
  const where = describe(source);
  const bad = (why: string) => fail("CREDENTIALS_SECRET_UNUSABLE", { what, where, why });
  const found = await fetch(source, reach, bad);
  const value = found.replace(/\r?\n$/, "");
  hide(value);
  if (value === "") throw bad("it is empty");
  if (/[\r\n]/.test(value)) throw bad("it is more than one line");
  if (!/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value)) throw bad("it holds characters that cannot stand in a request");
  if (value.length < SHORTEST) throw bad(`it is shorter than ${SHORTEST} characters, so that it could not be told from other text`);
  if (value.length > LONGEST) throw bad("it is too long");
  return value;
}

function describe(source: Source): string {
  if ("env" in source) return `the variable ${source.env}`;
  if ("file" in source) return `the file ${source.file}`;
  if ("command" in source) return `the command ${source.command[0]}`;
  return `the keyring's entry for ${source.keyring.service}`;
}

async function fetch(source: Source, reach: SourceReach, bad: (why: string) => Error): Promise<string> {
  if ("env" in source) {
    const value = reach.env[source.env];
    if (value === undefined) throw bad("it is not set");
    return value;
  }
  if ("file" in source) {
    const path = source.file.startsWith("~/") ? join(reach.env["HOME"] ?? homedir(), source.file.slice(2)) : source.file;
    const reading = readBounded(path, LARGEST_BYTES);
    if ("why" in reading) throw bad(reading.why);
    return reading.content.toString("utf8");
  }
  return await printed("command" in source ? source.command : keyringCommand(source.keyring), reach, bad);
}

function keyringCommand({ service, account }: { readonly service: string; readonly account?: string | undefined }): readonly string[] {
  if (process.platform === "darwin") return ["/usr/bin/security", "find-generic-password", "-w", "-s", service, ...(account === undefined ? [] : ["-a", account])];
  return ["secret-tool", "lookup", "service", service, ...(account === undefined ? [] : ["account", account])];
}

/** What a program prints; it stands in no directory of the project's, and its group ends with the deadline. */
async function printed([program = "", ...args]: readonly string[], { env, signal, deadlineMs = DEADLINE_MS }: SourceReach, bad: (why: string) => Error): Promise<string> {
  const passed = Object.fromEntries(PASSED_ON.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  const child = spawn(program, args, { cwd: "/", env: passed, stdio: ["ignore", "pipe", "ignore"], detached: true });
  const kill = (): void => {
    try {
      process.kill(-(child.pid ?? 0), "SIGKILL");
    } catch {
      // it has ended
    }
  };
  const pieces: Buffer[] = [];
  let bytes = 0;
  const ended = new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= LARGEST_BYTES) pieces.push(chunk);
      else reject(bad("it prints too much"));
    });
    child.once("error", (error: NodeJS.ErrnoException) => reject(bad(error.code === "ENOENT" ? "there is no such program" : `it cannot be run (${error.code})`)));
    child.once("close", (status, killer) => {
      if (status === 0) resolve(Buffer.concat(pieces).toString("utf8"));
      else reject(bad(`it ended with ${killer ?? `the exit status ${status}`}`));
    });
  });
  try {
    return await withDeadline(ended, deadlineMs, () => bad(`it did not answer within ${deadlineMs / 1000} s`), signal);
  } finally {
    if (child.pid !== undefined) kill();
  }
}
