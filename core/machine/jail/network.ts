import { closeSync, openSync, readlinkSync } from "node:fs";
import { createInterface } from "node:readline";
import { withDeadline } from "../../support/deadline.ts";
import type { Disposers } from "../../support/disposers.ts";
import type { JailNetwork } from "../draft.ts";
import { LastWords } from "../last-words.ts";
import { systemTool } from "../tools.ts";
import { takeNetworkAhead } from "./network-ahead.ts";
import { startNetworkKeeper } from "./network-keeper.ts";
import { refusal } from "./refusal.ts";

/** A network that this process keeps alive. */
export interface HeldNetwork extends JailNetwork {
  /** The kernel's name of it, such as "net:[4026532000]". */
  readonly namespace: string;
}

const DEADLINE_MS = 10_000;

/**
 * Makes a network namespace with only `lo`, in which every address of `localRanges` (CIDR) is local, and keeps it until the
 * scope closes. Throws TOOL_MISSING, NAMESPACES_REFUSED or NETWORK_FAILED.
 */
export async function openNetwork(
  localRanges: readonly string[],
  { scope, signal }: { readonly scope: Disposers; readonly signal: AbortSignal },
): Promise<HeldNetwork> {
  systemTool("bwrap"); // the keeper is one, and could only say so
  const keeper = takeNetworkAhead() ?? startNetworkKeeper();
  await scope.defer("end the jail's network", async () => {
    keeper.input.destroy();
    keeper.output.resume();
    await keeper.gone;
  });
  keeper.input.on("error", () => {}); // it is gone, and its output says so
  keeper.output.on("error", () => {});
  for (const range of localRanges) keeper.input.write(`${range}\n`);
  const words = new LastWords(keeper.error);
  const failed = () => refusal(words.text() || "no answer");
  const answers = createInterface({ input: keeper.output })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    const { done, value } = await withDeadline(answers.next(), DEADLINE_MS, failed, signal);
    if (!done) return value;
    await keeper.gone; // only then all is said
    throw failed();
  };

  const pid = await answer();
  const user = openSync(`/proc/${pid}/ns/user`, "r");
  await scope.defer("let go of the jail's user namespace", () => closeSync(user));
  const net = openSync(`/proc/${pid}/ns/net`, "r");
  await scope.defer("let go of the jail's network namespace", () => closeSync(net));
  // That it answers again proves that it lived while its files were opened: the number was not another's by then.
  keeper.input.write("\n");
  await answer();

  const namespace = readlinkSync(`/proc/self/fd/${net}`);
  const ours = `/proc/${process.pid}/fd`;
  const enter = [systemTool("nsenter"), `--user=${ours}/${user}`, `--net=${ours}/${net}`, "--preserve-credentials", "--"];
  return { enter, namespace };
}
