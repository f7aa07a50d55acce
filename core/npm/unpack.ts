import { chmod, lstat, mkdir, readdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { fail } from "./failures.ts";

/** What is taken out of a package's tarball. */
export interface Member {
  /** Its path there, such as "package/bin/node"; a folder is taken with all that it holds. */
  readonly path: string;
  /** Absolute path in the guest. */
  readonly to: string;
  /** Whether it is one program, which everybody may run. */
  readonly isProgram?: boolean;
}

const DEADLINE_MS = 5 * 60_000;

/** Takes one member, and nothing else, out of a tarball into the tree of a layer. Throws NPM_UNPACK_FAILED, NPM_NO_SPACE. */
export async function unpackMember(tarball: string, { path, to, isProgram = false }: Member, tree: string, what: string, signal: AbortSignal): Promise<void> {
  const target = join(tree, to);
  const folder = dirname(target);
  await mkdir(folder, { recursive: true });
  // whatever the user's umask is: the guest sees these directories in place of those below them
  for (let made = folder; made.startsWith(tree); made = dirname(made)) await chmod(made, 0o755);
  const depth = path.split("/").length - 1;
  const name = path.split("/").at(-1) ?? "";
  const result = await execa(
    "tar",
    ["--extract", "--gzip", `--file=${tarball}`, `--directory=${folder}`, `--strip-components=${depth}`, `--transform=s,^${path},${"x/".repeat(depth)}${target.split("/").at(-1) ?? name},`, "--no-same-owner", "--no-same-permissions", "--", path],
    {
      cwd: folder,
      env: { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C" },
      extendEnv: false,
      stdin: "ignore",
      reject: false,
      timeout: DEADLINE_MS,
      cancelSignal: signal,
    },
  );
  signal.throwIfAborted();
  if (result.failed) throw unpackFailure(what, tree, result.stderr || result.shortMessage || "", result.cause);
  await settle(target, what, isProgram);
}

/** Adds a link to the tree of a layer. The file that it leads to there can be run, as npm sees to: many packages leave that to it. */
export async function linkInTree(tree: string, path: string, target: string): Promise<void> {
  await mkdir(dirname(join(tree, path)), { recursive: true });
  await symlink(target, join(tree, path));
  const made = await lstat(join(tree, target)).catch(() => undefined);
  if (made?.isFile() === true) await chmod(join(tree, target), 0o755);
}

/** Whoever made the tarball also chose links and modes: of links there are none, and everybody may read and run what is there. */
async function settle(path: string, what: string, isProgram: boolean): Promise<void> {
  const made = await lstat(path);
  if (made.isDirectory() && !isProgram) {
    await chmod(path, 0o755);
    for (const name of await readdir(path)) await settle(join(path, name), what, false);
    return;
  }
  if (!made.isFile() || made.nlink !== 1) throw fail("NPM_UNPACK_FAILED", { what, detail: "what it holds is not a plain file" });
  await chmod(path, isProgram || (made.mode & 0o100) !== 0 ? 0o755 : 0o644);
}

function unpackFailure(what: string, directory: string, said: string, cause: unknown) {
  if (/No space left on device|ENOSPC/.test(said)) return fail("NPM_NO_SPACE", { what, directory }, { cause });
  return fail("NPM_UNPACK_FAILED", { what, detail: said.slice(0, 500) }, { cause });
}
