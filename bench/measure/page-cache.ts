import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Has the kernel forget what it keeps in memory of the files below a directory, as after a boot of the host; needs no rights. */
export function forgetFiles(directory: string): void {
  for (const name of readdirSync(directory, { recursive: true, encoding: "utf8" })) {
    const path = join(directory, name);
    // of nothing, but dd asks with it that the whole file be dropped (POSIX_FADV_DONTNEED)
    if (statSync(path).isFile()) execFileSync("dd", [`if=${path}`, "iflag=nocache", "count=0"], { stdio: "ignore" });
  }
}
