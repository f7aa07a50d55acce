import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { openNetwork } from "../../../core/machine/jail/network.ts";
import { Disposers } from "../../../core/support/disposers.ts";
import { makeTestCertificate } from "../scripted-api/certificate.ts";

/** One connection, datagram or request that reached a witness. */
export interface Arrival {
  readonly protocol: "tcp" | "udp" | "https" | "name";
  /** The address and port that were dialled, the Host and path that were asked for, or the name. */
  readonly what: string;
  /** What was heard, one character a byte; at most 4 KiB. */
  bytes: string;
}

/** What the kernel counts of all that arrives, on whatever port, whether anybody listens there or not. */
export type Counters = Readonly<Record<"connections" | "refusedConnections" | "datagrams" | "strayDatagrams" | "icmp", number>>;

/** All that the witnesses know so far. */
export interface Report {
  readonly arrivals: readonly Arrival[];
  readonly counters: Counters;
}

/**
 * A small internet in a network namespace: every IPv4 address is in it, with a witness on the ports that matter. Cloche runs in there
 * as on any host, so whatever leaves its jail arrives at a witness, wherever it wanted to go.
 */
export interface World extends AsyncDisposable {
  /** Stands before a command line, to run it there. */
  readonly enter: readonly string[];
  /** The authority that signed the certificate of the witness on port 443. */
  readonly caPem: string;
  /** Those that signed for further names, in their order. */
  readonly furtherCas: readonly string[];
  report(): Promise<Report>;
}

/** Where a witness listens for TCP, on every address; on 443 it is a web server. */
export const TCP_PORTS: readonly number[] = [21, 22, 25, 53, 80, 443, 631, 853, 2375, 3128, 3306, 5432, 8080, 8443, 9418, 31_337];

/** Where a witness listens for datagrams. */
export const UDP_PORTS: readonly number[] = [53, 67, 68, 69, 123, 137, 443, 500, 4789, 5353, 31_337, 51_820];

/** Where every name leads that is asked for on port 53. */
export const FAR_AWAY = "93.184.216.34";

/**
 * Opens it; the witness on port 443 speaks TLS as any of the names and serves the files below the folder. For each further name
 * another authority signs.
 */
export async function openWorld(names: readonly string[], folder: string, further: readonly string[] = []): Promise<World> {
  const scope = new Disposers();
  try {
    return await openIn(scope, names, folder, further);
  } catch (error) {
    await scope.close();
    throw error;
  }
}

async function openIn(scope: Disposers, names: readonly string[], folder: string, furtherNames: readonly string[]): Promise<World> {
  const { caPem, certPem, keyPem } = await makeTestCertificate(names);
  const further = await Promise.all(furtherNames.map(async (name) => ({ name, ...(await makeTestCertificate([name])) })));
  const { enter } = await openNetwork(["default"], { scope, signal: new AbortController().signal });
  const [command = "", ...args] = enter;
  const script = fileURLToPath(new URL("world-main.ts", import.meta.url));
  const child = spawn(command, [...args, process.execPath, script], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  await scope.defer("end the witnesses", async () => {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  });
  const gone = once(child, "exit").then(() => Promise.reject(new Error("the witnesses are gone")));
  gone.catch(() => {}); // it is only heard while something is asked
  const ask = async (message: object): Promise<unknown> => {
    const answered = once(child, "message");
    child.send(message);
    const [answer] = await Promise.race([answered, gone]);
    return answer;
  };
  await ask({ certPem, keyPem, further, folder, farAway: FAR_AWAY });
  return {
    enter,
    caPem,
    furtherCas: further.map(({ caPem: ca }) => ca),
    report: async () => (await ask({})) as Report,
    [Symbol.asyncDispose]: async () => await scope.close(),
  };
}
