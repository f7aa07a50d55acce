import { execFile } from "node:child_process";
import { access, constants, readFile, statfs } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import { findProgram } from "../support/programs.ts";
import type { Look, Ran } from "./look.ts";

const RUN_MS = 10_000;
const MOST_OUTPUT = 1024 * 1024;
const PATH = "/usr/bin:/usr/sbin:/bin:/sbin:/usr/local/bin:/usr/local/sbin";

/** Looks at the host that we run on. */
export function hostLook(cacheDir: string, isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): Look {
  const { uid, username } = userInfo();
  return {
    platform: process.platform,
    arch: process.arch,
    nodeVersion: process.versions.node,
    uid,
    user: username,
    cacheDir,
    isTerminal,
    term: env["TERM"],
    read: (path) => readFile(path, "utf8").catch(() => undefined),
    find: (program) => findProgram(program, PATH.split(":")),
    run: (argv, deadlineMs = RUN_MS) => run(argv, deadlineMs, env),
    access: accessOf,
    freeBytes,
  };
}

function run([command, ...args]: readonly string[], deadlineMs: number, env: Readonly<Record<string, string | undefined>>): Promise<Ran> {
  const options = { timeout: deadlineMs, maxBuffer: MOST_OUTPUT, env: { PATH, HOME: env["HOME"], LC_ALL: "C.UTF-8" }, cwd: "/" };
  return new Promise((resolve) => {
    execFile(command ?? "", args, options, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === "number" ? error.code : undefined;
      resolve({ status, output: `${stdout}${stderr}` || (status === undefined ? (error?.message ?? "") : "") });
    });
  });
}

async function accessOf(path: string): Promise<"ok" | "missing" | "denied"> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
    return "ok";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? "missing" : "denied";
  }
}

async function freeBytes(path: string): Promise<number | undefined> {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    } catch {
      if (folder === dirname(folder)) return undefined;
    }
  }
}
