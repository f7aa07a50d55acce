import { isIP } from "node:net";
import { parseIPv4 } from "../addresses/parse.ts";
import { isLiteral, type Destination } from "../names/destination.ts";

/** Whether NO_PROXY names the host: `*`, a name with all names below it, a name with port, an address, or an IPv4 range. */
export function isExcepted(destination: Destination, port: number, exceptions: readonly string[]): boolean {
  return exceptions.some((written) => {
    const text = written.toLowerCase();
    if (text === "*") return true;
    const [, host = text, ofPort] = /^([^:]+):([0-9]+)$/.exec(text) ?? [];
    if (ofPort !== undefined && Number(ofPort) !== port) return false;
    if (isLiteral(destination)) return host === destination || (host.includes("/") && isInRange(destination, host));
    const base = host.replace(/^\*?\./, "");
    return isIP(base) === 0 && (destination === base || destination.endsWith(`.${base}`));
  });
}

function isInRange(address: string, cidr: string): boolean {
  const [base = "", bits = ""] = cidr.split("/");
  const [quad, range] = [parseIPv4(address), parseIPv4(base)];
  const length = Number(bits);
  if (!quad || !range || !/^[0-9]{1,2}$/.test(bits) || length > 32) return false;
  const size = 2 ** (32 - length);
  return Math.floor(number(quad) / size) === Math.floor(number(range) / size);
}

function number(quad: readonly number[]): number {
  return quad.reduce((value, octet) => value * 256 + octet, 0);
}
