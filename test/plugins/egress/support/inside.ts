import { spawn } from "node:child_process";
import type { Socket as UdpSocket } from "node:dgram";
import { fileURLToPath } from "node:url";
import { Socket } from "node:net";
import type { JailNetwork } from "../../../../core/index.ts";
import type { Disposers } from "../../../../core/support/disposers.ts";

/** Somebody inside the jail's network, as the guest and a broken QEMU are. */
export interface Inside {
  /** A connection made in there; rejects with the system's code. */
  tcp(address: string, port: number): Promise<Socket>;
  /** A datagram socket bound in there. */
  udp(): Promise<UdpSocket>;
}

const SCRIPT = fileURLToPath(new URL(`inside-child${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url));

/** Puts a process into the network that connects on demand; the test then speaks over the handles itself. */
export async function enterNetwork(network: JailNetwork, scope: Disposers): Promise<Inside> {
  const [command = "", ...args] = network.enter;
  const child = spawn(command, [...args, process.execPath, SCRIPT], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  await scope.defer("leave the network", () => child.kill("SIGKILL"));
  let asked = 0;
  const ask = async (protocol: string, address: string, port: number): Promise<unknown> => {
    const id = (asked += 1);
    return await new Promise((resolve, reject) => {
      const hear = (answer: unknown, handle: unknown): void => {
        const { id: to, code } = answer as { id: number; code?: string };
        if (to !== id) return;
        child.removeListener("message", hear);
        if (code === undefined) resolve(handle);
        else reject(Object.assign(new Error(code), { code }));
      };
      child.on("message", hear);
      child.send({ id, protocol, address, port });
    });
  };
  return {
    tcp: async (address, port) => {
      const socket = (await ask("tcp", address, port)) as Socket;
      socket.allowHalfOpen = true;
      return socket;
    },
    udp: async () => (await ask("udp", "", 0)) as UdpSocket,
  };
}
