import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./sources.ts";

/** The guest's seed receiver as it is, but for its port and its files, which lie in the folder: whatever else becomes of it, here it must never reach the host's own. */
export function seedScriptIn(folder: string): string {
  return readFileSync(join(ROOT, "guest/seed"), "utf8")
    .replace(/^sysopen my \$port.*$/m, `socket(my $port, PF_UNIX, SOCK_STREAM, 0); connect($port, sockaddr_un("${folder}/port")) or die;`)
    .replace(/^mkdir "\/run\/sshd".*$/m, "")
    .replace(/^chmod 0755, .*$/m, "")
    .replaceAll("/run/cloche", `${folder}/run`)
    .replaceAll("/dev/console", "/dev/null")
    .replaceAll(/syscall\(|ioctl\(/g, "die(")
    .replaceAll(/"\/(etc|proc)\//g, `"${folder}/`);
}
