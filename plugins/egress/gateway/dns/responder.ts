import type { AddressBook } from "../../addresses/address-book.ts";
import { canonicalName } from "../../names/canonical-name.ts";
import type { Policy, Verdict } from "../../policy/policy.ts";
import type { Audit } from "../audit.ts";
import { answerBad, answerProhibited, answerWithAddress, answerWithNothing } from "./answer.ts";
import { TYPE } from "./constants.ts";
import { readQuery, type Query } from "./query.ts";

/** Answers one DNS message, or says by undefined that it deserves no answer. */
export type Responder = (message: Buffer) => Buffer | undefined;

const TOLD_WHY = "cloche: egress.allow does not name this host";
const REPEATED_AFTER_MS = 60_000;
const REMEMBERED = 1024;

/**
 * Makes the guest's whole DNS: names that the policy allows have an address that stands for them, others are prohibited at
 * once. Nothing is ever asked on the host, so a question carries nothing out.
 */
export function makeResponder(policy: Policy, addresses: AddressBook, audit: Audit): Responder {
  const refusals = new Map<string, number>();

  function answer(query: Query): Buffer {
    const name = canonicalName(query.name);
    const verdict: Verdict = name ? policy.decideName(name) : { allowed: false, why: "not a host name" };
    const address = name && (verdict.allowed || verdict.ask === true) ? addresses.addressOf(name) : undefined;
    if (address === undefined) {
      recordOnce(query.name, verdict.allowed ? "no address is left" : verdict.why);
      return answerProhibited(query, TOLD_WHY);
    }
    return query.type === TYPE.A ? answerWithAddress(query, address) : answerWithNothing(query);
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
