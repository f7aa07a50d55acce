import type { CanonicalName } from "../names/canonical-name.ts";
import type { LiteralAddress } from "../names/destination.ts";
import type { Rule } from "./rule.ts";

/** Finds the rules about a host fast, whatever their number: exact ones first, then wildcards from the nearest. */
export class RuleIndex {
  readonly #names = new Map<string, Rule[]>();
  readonly #below = new Map<string, Rule[]>();
  readonly #addresses = new Map<string, Rule[]>();

  constructor(rules: readonly Rule[]) {
    for (const rule of rules) {
      const { host } = rule;
      if (host.kind === "name") add(this.#names, host.name, rule);
      else if (host.kind === "below") add(this.#below, host.base, rule);
      else add(this.#addresses, host.address, rule);
    }
  }

  /** Rules whose host is the name, or a wildcard above it. */
  forName(name: CanonicalName): readonly Rule[] {
    const found = [...(this.#names.get(name) ?? [])];
    for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1)) {
      found.push(...(this.#below.get(name.slice(dot + 1)) ?? []));
    }
    return found;
  }

  /** Whether a rule names the host itself, so that its address can be made beforehand. */
  namesExactly(name: CanonicalName): boolean {
    return this.#names.has(name);
  }

  /** Rules whose host is the address. */
  forAddress(address: LiteralAddress): readonly Rule[] {
    return this.#addresses.get(address) ?? [];
  }
}

/** The names that the rules name themselves, each once, in the order of the rules. */
export function exactNames(rules: readonly Rule[]): CanonicalName[] {
  return [...new Set(rules.flatMap(({ host }) => (host.kind === "name" ? [host.name] : [])))];
}

function add(map: Map<string, Rule[]>, key: string, rule: Rule): void {
  const rules = map.get(key);
  if (rules) rules.push(rule);
  else map.set(key, [rule]);
}
