import { Disposers, openDoorway, type DoorSpec, type JailNetwork } from "../../core/index.ts";
import { AddressBook } from "./addresses/address-book.ts";
import type { Gateway } from "./gateway-process.ts";
import { DEFAULT_PORTS, type Rule } from "./policy/rule.ts";
import { exactNames } from "./policy/rule-index.ts";

const LOOPBACK = "127.0.0.1";
const ANY = "0.0.0.0";
const DNS_PORT = 53;
// others listen there already, on 127.0.0.1: core's SSH door and our own DNS
const TAKEN_PORTS: ReadonlySet<number> = new Set([22, DNS_PORT]);

/** Opens in the jail's network what the guest reaches by the rules, and hands it to the gateway. */
export async function openDoors(network: JailNetwork, rules: readonly Rule[], gateway: Gateway, signal: AbortSignal): Promise<void> {
  await using own = new Disposers(); // our copies of the sockets; the gateway keeps its own
  const dns = [
    { protocol: "udp", address: LOOPBACK, port: DNS_PORT },
    { protocol: "tcp", address: LOOPBACK, port: DNS_PORT },
  ] as const;
  const [udp, tcp, ...listeners] = await openDoorway(network, [...dns, ...listenersFor(rules)], { scope: own, signal });
  await Promise.all([
    gateway.offer("names-udp", udp),
    gateway.offer("names-tcp", tcp),
    ...listeners.map((listener) => gateway.offer("listener", listener)),
  ]);
}

/** One listener for each port, whichever name is dialled; on ports that are taken, one for each name's own address. */
export function listenersFor(rules: readonly Rule[]): (DoorSpec & { readonly protocol: "tcp" })[] {
  const book = new AddressBook(exactNames(rules));
  const ports = new Set([...DEFAULT_PORTS, ...rules.flatMap((rule) => rule.ports)]);
  return [...ports].flatMap((port) => {
    const names = exactNames(rules.filter((rule) => rule.ports.includes(port)));
    const addresses = TAKEN_PORTS.has(port) ? names.map((name) => book.addressOf(name)) : [ANY];
    return addresses.filter((address) => address !== undefined).map((address) => ({ protocol: "tcp" as const, address, port }));
  });
}
