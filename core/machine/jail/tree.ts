import { lstatSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/**
 * Arguments of bwrap that show a system's programs read-only: `/usr`, and `/bin`, `/sbin` and `/lib*` as they are there.
 * `root` is where that system lies: "/" for the host's own.
 */
export function systemTree(root: string): string[] {
  const args = ["--ro-bind", join(root, "usr"), "/usr"];
  for (const name of ["bin", "sbin", "lib", "lib32", "lib64", "libx32"]) {
    const path = join(root, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isSymbolicLink()) args.push("--symlink", readlinkSync(path), `/${name}`);
    else if (found?.isDirectory()) args.push("--ro-bind", path, `/${name}`);
  }
  return args;
}
