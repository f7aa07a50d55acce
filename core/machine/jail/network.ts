import { spawn, type ChildProcessByStdio } from "node:child_process";
import { closeSync, openSync, readlinkSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { withDeadline } from "../../support/deadline.ts";
import type { Disposers } from "../../support/disposers.ts";
import type { JailNetwork } from "../draft.ts";
import { LastWords } from "../last-words.ts";
import { systemTool } from "../tools.ts";
import { refusal } from "./refusal.ts";
import { systemTree } from "./tree.ts";

type Holder = ChildProcessByStdio<Writable, Readable, Readable>;

/** A network that this process keeps alive. */
export interface HeldNetwork extends JailNetwork {
  /** The kernel's name of it, such as "net:[4026532000]". */
  readonly namespace: string;
}

const DEADLINE_MS = 10_000;

// It lives as long as its stdin, so it ends with us in every case: bwrap's --die-with-parent leaves gaps while bwrap starts.
// bwrap brings `lo` up. Whoever listens in here has no capability, so no port may need one; the sysctl is the namespace's own.
const HOLD = `
for range; do ip route add local "$range" dev lo || exit 1; done
echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start || exit 1
echo "$$"
while read -r line; do echo "$$"; done
`;

/**
 * Makes a network namespace with only `lo`, in which every address of `localRanges` (CIDR) is local, and keeps it until the
 * scope closes. Throws NAMESPACES_REFUSED or NETWORK_FAILED.
 */
export async function openNetwork(
  localRanges: readonly string[],
  { scope, signal }: { readonly scope: Disposers; readonly signal: AbortSignal },
): Promise<HeldNetwork> {
  const holder = startHolder(localRanges);
  const gone = new Promise((resolve) => holder.once("close", resolve));
  await scope.defer("end the jail's network", async () => {
    holder.stdin.destroy();
    await gone;
  });
  const words = new LastWords(holder.stderr);
  const failed = () => refusal(words.text() || "no answer");
  const answers = createInterface({ input: holder.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    const { done, value } = await withDeadline(answers.next(), DEADLINE_MS, failed, signal);
    if (!done) return value;
    await gone; // only then all is said
    throw failed();
  };

  const pid = await answer();
  const user = openSync(`/proc/${pid}/ns/user`, "r");
  await scope.defer("let go of the jail's user namespace", () => closeSync(user));
  const net = openSync(`/proc/${pid}/ns/net`, "r");
  await scope.defer("let go of the jail's network namespace", () => closeSync(net));
  // The same holder answering again proves that it lived while its files were opened: the number was not another's by then.
  holder.stdin.write("\n");
  await answer();

  const namespace = readlinkSync(`/proc/self/fd/${net}`);
  const ours = `/proc/${process.pid}/fd`;
  const enter = [systemTool("nsenter"), `--user=${ours}/${user}`, `--net=${ours}/${net}`, "--preserve-credentials", "--"];
  return { enter, namespace };
}

function startHolder(localRanges: readonly string[]): Holder {
  const holder = spawn(
    systemTool("bwrap"),
    [
      ...["--unshare-user", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--uid", "1000", "--gid", "1000"],
      ...["--cap-drop", "ALL", "--cap-add", "CAP_NET_ADMIN"],
      ...["--new-session", "--clearenv", "--setenv", "PATH", "/usr/sbin:/usr/bin:/sbin:/bin"],
      ...[...systemTree("/"), "--bind", "/proc", "/proc", "--chdir", "/"],
      ...["--", "/bin/sh", "-c", HOLD, "hold", ...localRanges],
    ],
    { stdio: ["pipe", "pipe", "pipe"], detached: true, cwd: "/", env: {} },
  );
  holder.on("error", () => {}); // its streams end too, and that is noticed
  holder.stdin.on("error", () => {});
  return holder;
}
