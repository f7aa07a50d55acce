import { closeSync, fstatSync } from "node:fs";
import { Socket } from "node:net";
import { inheritedDescriptors } from "./inherited.ts";
import type { NetworkKeeper } from "./network-keeper.ts";

const VARIABLE = "CLOCHE_NETWORK_AHEAD";

let told: readonly number[] | undefined;

/**
 * Hears that bin/cloche had a network made while this process started (host/network.pl), and has nobody else hear of it: the numbers of
 * the descriptors mean something in this process only.
 */
export function hearOfNetworkAhead(env: NodeJS.ProcessEnv): void {
  const value = env[VARIABLE];
  delete env[VARIABLE];
  if (value !== undefined) told = value.split(" ").map(Number);
}

/** Takes what keeps that network, which is there once; undefined when there is none. */
export function takeNetworkAhead(): NetworkKeeper | undefined {
  const descriptors = told;
  told = undefined;
  if (descriptors?.length !== 3 || new Set(descriptors).size < 3 || !descriptors.every(isPipe)) return undefined;
  const inherited = inheritedDescriptors();
  if (descriptors.some((fd) => inherited.includes(fd))) {
    // another process of ours would have them too, and keep the network after us
    for (const fd of descriptors) closeSync(fd);
    return undefined;
  }
  const [input = 0, output = 0, error = 0] = descriptors;
  const said = [output, error].map((fd) => new Socket({ fd, readable: true, writable: false }));
  const gone = Promise.all(said.map((stream) => new Promise((resolve) => stream.once("close", resolve))));
  const [first, second] = said as [Socket, Socket];
  return { input: new Socket({ fd: input, readable: false, writable: true }), output: first, error: second, gone };
}

function isPipe(fd: number): boolean {
  try {
    return fd > 2 && fstatSync(fd).isFIFO();
  } catch {
    return false;
  }
}
