import { closeSync, fstatSync } from "node:fs";
import { Socket } from "node:net";
import { networkTold } from "../../support/launcher.ts";
import { inheritedDescriptors } from "./inherited.ts";
import type { NetworkKeeper } from "./network-keeper.ts";

/** Takes what keeps the network that was made while this process started, which is there once; undefined when there is none. */
export function takeNetworkAhead(): NetworkKeeper | undefined {
  const descriptors = networkTold()?.split(" ").map(Number);
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
