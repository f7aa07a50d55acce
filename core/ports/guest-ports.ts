import type { Guest } from "../machine/guest.ts";

/** Something in the guest that takes connections. */
export interface GuestPort {
  readonly port: number;
  /** Where it listens in the guest, such as "127.0.0.1" or "*". */
  readonly address: string;
  /** The name of its program as the program gave it: show it escaped. */
  readonly program: string | undefined;
}

const LOOK_MS = 20_000;
const MOST = 500;
const LONGEST_NAME = 64;

/** What listens in the guest for TCP connections, by port. The guest says so, who may lie. */
export async function listeningPorts(guest: Pick<Guest, "run">): Promise<readonly GuestPort[]> {
  const { stdout } = await guest.run(["ss", "-Htlnp"], { deadlineMs: LOOK_MS });
  const found = new Map<number, GuestPort>();
  for (const line of stdout.split("\n").slice(0, MOST)) {
    const read = readLine(line);
    // a server on both families is one to us, the one that listens everywhere
    if (read && (!found.has(read.port) || isEverywhere(read.address))) found.set(read.port, read);
  }
  return [...found.values()].sort((a, b) => a.port - b.port);
}

/** A line of ss(8): state, two queues, local address and port, those of the peer, and the processes. */
function readLine(line: string): GuestPort | undefined {
  const [state, , , local = "", , ...rest] = line.trim().split(/\s+/);
  const at = local.lastIndexOf(":");
  const port = Number(local.slice(at + 1));
  if (state !== "LISTEN" || at < 1 || !(port > 0 && port <= 65_535)) return undefined;
  const address = local.slice(0, at).replace(/^\[(.*)\]$/, "$1").replace(/%.*$/, "");
  const program = /^users:\(\("(.*?)",pid=\d+/.exec(rest.join(" "))?.[1];
  return { port, address: isEverywhere(address) ? "*" : address, program: program?.slice(0, LONGEST_NAME) };
}

function isEverywhere(address: string): boolean {
  return ["*", "0.0.0.0", "::"].includes(address);
}
