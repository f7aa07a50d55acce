import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import type { Setting } from "./part.ts";

const NAME = "cloche-test";
const IDS = 65_536;
// every character that some program on the way could take for its own
const FOLDER = `clone, "ü" o'f it`;
// git's own store is not needed, and what others left in there is not ours to copy
const NOT_COPIED = new Set([".git", "dist.next", "dist.old"]);

/** Makes the normal user that the tests run as when started by root, and gives that user a copy of the checkout. */
export function asTestUser(root: string, node: string, env: Readonly<Record<string, string>>): Setting {
  const user = ensureUser();
  const clone = copyCheckout(root, user);
  const enter = ["setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--init-groups", "--"];
  const ownNode = nodeFor(user, enter, node, root, clone);
  const ownEnv = { ...env, HOME: user.home, USER: NAME, LOGNAME: NAME, CLOCHE_TEST_ALONE: "1", PATH: `${dirname(ownNode)}:/usr/local/bin:/usr/bin:/bin` };
  const made = spawnSync(enter[0] ?? "", [...enter.slice(1), ownNode, "scripts/bootstrap.mjs"], { cwd: clone, env: ownEnv, encoding: "utf8" });
  if (made.status !== 0) throw new Error(`the copy of the checkout cannot be made ready: ${made.stderr}`);
  return { node: ownNode, root: clone, enter, env: ownEnv };
}

interface User {
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

function ensureUser(): User {
  if (!lookUp()) execFileSync("useradd", ["--create-home", NAME]);
  execFileSync("usermod", ["--shell", "/bin/bash", NAME]);
  const user = lookUp();
  if (!user) throw new Error(`useradd made no user ${NAME}`);
  for (const [file, option] of [["/etc/subuid", "--add-subuids"], ["/etc/subgid", "--add-subgids"]] as const) {
    const ranges = existsSync(file) ? readFileSync(file, "utf8") : "";
    if (ranges.split("\n").some((line) => line.startsWith(`${NAME}:`))) continue;
    const first = firstFree(ranges);
    execFileSync("usermod", [option, `${first}-${first + IDS - 1}`, NAME]);
  }
  return user;
}

function lookUp(): User | undefined {
  const line = spawnSync("getent", ["passwd", NAME], { encoding: "utf8" }).stdout.trim();
  if (line === "") return undefined;
  const [, , uid, gid, , home = ""] = line.split(":");
  return { uid: Number(uid), gid: Number(gid), home };
}

function firstFree(ranges: string): number {
  const ends = ranges.split("\n").map((line) => line.split(":").slice(1).map(Number)).filter(([first]) => first !== undefined && first > 0);
  return Math.max(100_000, ...ends.map(([first = 0, count = 0]) => first + count));
}

/** A copy, since the checkout may lie where no other user can go, and its owner must not change. */
function copyCheckout(root: string, user: User): string {
  const clone = join(user.home, FOLDER);
  rmSync(clone, { recursive: true, force: true });
  mkdirSync(clone, { recursive: true });
  for (const name of readdirSync(root)) {
    if (NOT_COPIED.has(name)) continue;
    cpSync(join(root, name), join(clone, name), { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  }
  rmSync(join(clone, ".node/ready"), { force: true });
  execFileSync("chown", ["-R", `${user.uid}:${user.gid}`, clone]);
  return clone;
}

/** The same Node, copied too when the user cannot reach it. */
function nodeFor(user: User, enter: readonly string[], node: string, root: string, clone: string): string {
  const [command = "", ...args] = [...enter, node, "--version"];
  if (spawnSync(command, args, { cwd: "/" }).status === 0) return node;
  const inside = relative(root, node);
  if (!inside.startsWith("..")) return join(clone, inside);
  const copy = join(clone, ".node/borrowed", basename(node));
  mkdirSync(dirname(copy), { recursive: true });
  cpSync(node, copy);
  chmodSync(copy, 0o755);
  execFileSync("chown", ["-R", `${user.uid}:${user.gid}`, dirname(copy)]);
  return copy;
}
