import { Disposers, openDoorway, type DoorSpec, type JailNetwork } from "../../core/index.ts";
import { AddressBook } from "./addresses/address-book.ts";
import type { Gateway } from "./gateway-process.ts";
import { DEFAULT_PORTS, TAKEN_PORTS, type Rule } from "./policy/rule.ts";
import { exactNames } from "./policy/rule-index.ts";

type TcpDoor = DoorSpec & { readonly protocol: "tcp" };

const LOOPBACK = "127.0.0.1";
const ANY = "0.0.0.0";
const DNS_PORT = 53;
const DNS = [
  { protocol: "udp", address: LOOPBACK, port: DNS_PORT },
  { protocol: "tcp", address: LOOPBACK, port: DNS_PORT },
] as const;

/** What is open in the jail's network for the guest, each socket handed to the gateway; more can be opened while the session runs. */
export class Doors {
  readonly #network: JailNetwork;
  readonly #gateway: Pick<Gateway, "offer">;
  readonly #open = new Set<string>();

  constructor(network: JailNetwork, gateway: Pick<Gateway, "offer">) {
    this.#network = network;
    this.#gateway = gateway;
  }

  /** Opens the DNS and what the rules need. */
  async open(rules: readonly Rule[], signal: AbortSignal): Promise<void> {
    await using own = new Disposers(); // our copies of the sockets; the gateway keeps its own
    const wanted = this.#missing(listenersFor(rules, addressesOf(rules)));
    const [udp, tcp, ...listeners] = await openDoorway(this.#network, [...DNS, ...wanted], { scope: own, signal });
    await Promise.all([
      this.#gateway.offer("names-udp", udp),
      this.#gateway.offer("names-tcp", tcp),
      ...listeners.map((listener) => this.#gateway.offer("listener", listener)),
    ]);
    this.#note(wanted);
  }

  /** Opens what the rules need beyond what is open; `addresses` are those that the gateway gave to their names. Answers the new ports. */
  async widen(rules: readonly Rule[], addresses: Readonly<Record<string, string>>, signal: AbortSignal): Promise<readonly number[]> {
    const wanted = this.#missing(listenersFor(rules, addresses));
    if (wanted.length === 0) return [];
    await using own = new Disposers();
    const listeners = await openDoorway(this.#network, wanted, { scope: own, signal });
    await Promise.all(listeners.map((listener) => this.#gateway.offer("listener", listener)));
    this.#note(wanted);
    return [...new Set(wanted.map(({ port }) => port))];
  }

  #missing(wanted: readonly TcpDoor[]): readonly TcpDoor[] {
    return wanted.filter(({ address, port }) => !this.#open.has(`${address}:${port}`));
  }

  #note(opened: readonly TcpDoor[]): void {
    for (const { address, port } of opened) this.#open.add(`${address}:${port}`);
  }
}

/** One listener for each port, whichever name is dialled; on ports that are taken, one for each name's own address. */
export function listenersFor(rules: readonly Rule[], addresses: Readonly<Record<string, string>>): readonly TcpDoor[] {
  const ports = new Set([...DEFAULT_PORTS, ...rules.flatMap((rule) => rule.ports)]);
  return [...ports].flatMap((port) => {
    const onPort = rules.filter((rule) => rule.ports.includes(port));
    const own = [...exactNames(onPort).map((name) => addresses[name]), ...onPort.map(({ host }) => (host.kind === "address" ? host.address : undefined))];
    const wanted = TAKEN_PORTS.has(port) ? own.filter((address) => address !== undefined && !address.startsWith("127.") && !address.includes(":")) : [ANY];
    return wanted.flatMap((address) => (address ? [{ protocol: "tcp" as const, address, port }] : []));
  });
}

/** The addresses that a gateway which starts with these rules gives to their names. */
function addressesOf(rules: readonly Rule[]): Readonly<Record<string, string>> {
  const book = new AddressBook(exactNames(rules));
  return Object.fromEntries(exactNames(rules).map((name) => [name, book.addressOf(name) ?? ""]));
}
