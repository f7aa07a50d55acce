import { chmod, lstat, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { fail } from "../failures.ts";

/** Where the program stands in the guest. */
export const PROGRAM = "/usr/local/bin/claude";

const DEADLINE_MS = 5 * 60_000;
const MEMBER = "package/claude";

/** Takes the program, and nothing else, out of the tarball into the tree. Throws CLAUDE_UNPACK_FAILED, CLAUDE_NO_SPACE. */
export async function unpackProgram(tarball: string, tree: string, what: string, signal: AbortSignal): Promise<void> {
  const program = join(tree, PROGRAM);
  const folder = dirname(program);
  await mkdir(folder, { recursive: true });
  // whatever the user's umask is: the guest sees these directories in place of those below them
  for (let made = folder; made.startsWith(tree); made = dirname(made)) await chmod(made, 0o755);
  const result = await execa(
    "tar",
    ["--extract", "--gzip", `--file=${tarball}`, `--directory=${folder}`, "--strip-components=1", "--no-same-owner", "--no-same-permissions", "--", MEMBER],
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
  const made = await lstat(program);
  if (!made.isFile() || made.nlink !== 1) throw fail("CLAUDE_UNPACK_FAILED", { what, detail: "the program in it is not a plain file" });
  await chmod(program, 0o755);
}

function unpackFailure(what: string, directory: string, said: string, cause: unknown) {
  if (/No space left on device|ENOSPC/.test(said)) return fail("CLAUDE_NO_SPACE", { what, directory }, { cause });
  return fail("CLAUDE_UNPACK_FAILED", { what, detail: said.slice(0, 500) }, { cause });
}
