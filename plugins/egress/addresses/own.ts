import { networkInterfaces } from "node:os";
import { parseIPv4, parseIPv6 } from "./parse.ts";

/**
 * Whether the address is one of this host's own. A public one is just another way to its services, which may be open to it
 * though no stranger reaches them.
 */
export function isOwnAddress(address: string): boolean {
  const wanted = form(address);
  const own = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return own.some((entry) => form(entry.address) === wanted);
}

function form(address: string): string {
  return (parseIPv4(address) ?? parseIPv6(address) ?? [address]).join(".");
}
