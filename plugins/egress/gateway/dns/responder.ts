import type { AddressBook } from "../../addresses/address-book.ts";
import { canonicalName, type CanonicalName } from "../../names/canonical-name.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Audit } from "../audit.ts";
import { answerBad, answerProhibited, answerWithAddress, answerWithNothing } from "./answer.ts";
import { TYPE } from "./constants.ts";
import { NewNames } from "./new-names.ts";
import { readQuery, type Query } from "./query.ts";

/** Answers one DNS message, or says by undefined that it deserves no answer. */
export type Responder = (message: Buffer) => Buffer | undefined;

const REPEATED_AFTER_MS = 60_000;
const REMEMBERED = 1024;

/**
 * Makes the guest's whole DNS: names that the policy allows have an address that stands for them, others are prohibited at
 * once. Nothing is ever asked on the host, so a question carries nothing out.
 */
export function makeResponder(policy: Policy, addresses: AddressBook, audit: Audit): Responder {
  const newNames = new NewNames();
  const refusals = new Map<string, number>();

  function answer(query: Query): Buffer {
    const name = canonicalName(query.name);
    const why = name ? whyNot(name) : "not a host name";
    const address = name && why === undefined ? addresses.addressOf(name) : undefined;
    if (address === undefined) {
      const reason = why ?? "no address is left";
      recordOnce(query.name, reason);
      return answerProhibited(query, `prohibited by cloche: ${reason}`);
    }
    return query.type === TYPE.A ? answerWithAddress(query, address) : answerWithNothing(query);
  }

  function whyNot(name: CanonicalName): string | undefined {
    const { allowed, ask, why, onDemand, base } = policy.decideName(name);
    if (!allowed && ask !== true) return why;
    return onDemand && !addresses.has(name) ? newNames.take(name, base) : undefined;
  }

  // A client that asks again and again must not push everything else out of the audit.
  function recordOnce(name: string, why: string): void {
    const now = performance.now();
    if (now - (refusals.get(name) ?? -Infinity) < REPEATED_AFTER_MS) return;
    refusals.delete(name);
    refusals.set(name, now);
    if (refusals.size > REMEMBERED) for (const oldest of refusals.keys()) { refusals.delete(oldest); break; }
    audit.record({ kind: "name", name, verdict: "refused", why });
  }

  return (message) => {
    const reading = readQuery(message);
    if (reading.kind === "ignored") return undefined;
    return reading.kind === "bad" ? answerBad(reading.id, reading.code) : answer(reading.query);
  };
}
