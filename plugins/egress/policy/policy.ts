import { classify } from "../addresses/classify.ts";
import { isOwnAddress } from "../addresses/own.ts";
import type { CanonicalName } from "../names/canonical-name.ts";
import { isLiteral, literalAddress, type Destination } from "../names/destination.ts";
import { couldMatchPath, matchesPath } from "./path-pattern.ts";
import { isAboutRequests, showRule, type Rule } from "./rule.ts";
import { RuleIndex } from "./rule-index.ts";

/** "open" allows every public address, still through the gateway; "off" nothing at all. */
export type PolicyMode = "allowlist" | "open" | "off";

/** What a policy is made from. Plain data: it crosses to the gateway as it is. */
export interface PolicyData {
  readonly mode: PolicyMode;
  readonly allow: readonly Rule[];
  /** Denials win over everything. */
  readonly deny: readonly Rule[];
  /** Whether the user is asked about what no rule names. */
  readonly ask: boolean;
}

/** What is to be decided; the more is known of it, the more is checked. */
export interface Question {
  /** The name that is meant, or the bare address that was dialled. */
  readonly name: Destination;
  readonly port: number;
  /** Where the name leads: an address that is about to be dialled. */
  readonly address?: string;
  /** Method and target of a request; a connection whose requests are not seen has none. */
  readonly method?: string;
  readonly path?: string;
  /** The user was asked about this connection and said yes, so what would be asked is allowed. */
  readonly granted?: boolean;
}

/** What the policy says, with the reason in words for the audit and for whoever is refused. */
export interface Verdict {
  readonly allowed: boolean;
  readonly why: string;
  /** The rule that decided, as a user could have written it. */
  readonly rule?: string;
  /** Not allowed, but the user may be asked: the connection can be held meanwhile. */
  readonly ask?: boolean;
}

/** A verdict on a name in the DNS. */
export interface NameVerdict extends Verdict {
  /** No rule names it itself, so that whoever asks chooses the name: to be limited in number and rate. */
  readonly onDemand: boolean;
  /** The name whose wildcard allowed it. */
  readonly base?: CanonicalName;
}

const OPEN: Verdict = { allowed: true, why: "egress is open" };
const GRANTED: Verdict = { allowed: true, why: "allowed by you, once" };
const OFF: Verdict = { allowed: false, why: "egress is off" };

/** What may be reached, at this moment: it can be replaced while the session runs, and every question is decided anew. */
export class Policy {
  #data: PolicyData;
  #allow: RuleIndex;
  #deny: RuleIndex;

  constructor(data: PolicyData) {
    this.#data = data;
    this.#allow = new RuleIndex(data.allow);
    this.#deny = new RuleIndex(data.deny);
  }

  get data(): PolicyData {
    return this.#data;
  }

  /** Decides by other rules from now on; connections that are open are for the caller to judge anew. */
  replace(data: PolicyData): void {
    this.#data = data;
    this.#allow = new RuleIndex(data.allow);
    this.#deny = new RuleIndex(data.deny);
  }

  /** Whether any port of the name may be reached or asked about, so that the name gets an address. */
  decideName(name: CanonicalName): NameVerdict {
    const onDemand = !this.#allow.namesExactly(name);
    if (this.#data.mode === "off") return { ...OFF, onDemand };
    const denial = this.#deny.forName(name).find((rule) => rule.ports.length === 0 && !isAboutRequests(rule));
    if (denial) return { ...deniedBy(denial), onDemand };
    const [rule] = this.#allow.forName(name);
    if (!rule) return { ...this.#unlisted("no rule names this host"), onDemand };
    return { ...allowedBy(rule), onDemand, ...(rule.host.kind === "below" ? { base: rule.host.base } : {}) };
  }

  /** Whether a connection may be made, an address may be dialled for it, or a request on it may pass. Denials win. */
  decide(question: Question): Verdict {
    const { name, port, address } = question;
    if (this.#data.mode === "off") return OFF;
    const denial = this.#rulesFor(this.#deny, question).find((rule) => covers(rule, port) && deniesRequest(rule, question));
    if (denial) return deniedBy(denial);
    const rules = this.#rulesFor(this.#allow, question);
    const onPort = rules.filter((rule) => covers(rule, port));
    const rule = onPort.find((candidate) => allowsRequest(candidate, question));
    if (rule) return this.#withAddress(allowedBy(rule), rule, question);
    if (onPort.length > 0) return { allowed: false, why: "no rule allows this request" };
    if (isLiteral(name)) return this.#bareAddress(name);
    const unlisted = this.#unlisted(rules.length > 0 ? "no rule names this port" : "no rule names this host");
    const otherwise = unlisted.ask && question.granted ? GRANTED : unlisted;
    return otherwise.allowed && address !== undefined ? this.#withAddress(otherwise, undefined, question) : otherwise;
  }

  /**
   * Whether requests to the name must be seen to keep the rules, so that its TLS has to be intercepted: every rule that allows it
   * is about some requests only, or a denial is.
   */
  needsInterception(name: CanonicalName, port: number): boolean {
    const conditional = (rule: Rule): boolean => covers(rule, port) && isAboutRequests(rule);
    if (this.#deny.forName(name).some(conditional)) return true;
    const allowing = this.#allow.forName(name).filter((rule) => covers(rule, port));
    return allowing.length > 0 && allowing.every(isAboutRequests);
  }

  #rulesFor(index: RuleIndex, { name }: Question): readonly Rule[] {
    return isLiteral(name) ? index.forAddress(name) : index.forName(name);
  }

  #unlisted(why: string): Verdict {
    if (this.#data.mode === "open") return OPEN;
    return this.#data.ask ? { allowed: false, why, ask: true } : { allowed: false, why };
  }

  #bareAddress(address: string): Verdict {
    if (this.#data.mode !== "open") return { allowed: false, why: "no rule names this address" };
    const why = whySpecial(address);
    return why === undefined ? OPEN : { allowed: false, why: `it is ${why}` };
  }

  /** A special address is reached only where the user names it, or says that the host is private; however the name was allowed. */
  #withAddress(verdict: Verdict, rule: Rule | undefined, { name, port, address }: Question): Verdict {
    if (address === undefined || isLiteral(name)) return verdict;
    const literal = literalAddress(address);
    const named = (index: RuleIndex) => literal !== undefined && index.forAddress(literal).some((candidate) => covers(candidate, port));
    if (named(this.#deny)) return { allowed: false, why: `resolves to ${address}, which is denied` };
    const why = whySpecial(address);
    if (why === undefined || named(this.#allow)) return verdict;
    if (rule?.private === true && PRIVATE.has(classify(address)) && !isOwnAddress(address)) return verdict;
    return { allowed: false, why: `resolves to ${address}, which is ${why}` };
  }
}

/** What `private: true` opens. Loopback, metadata services and the like need their address named. */
const PRIVATE: ReadonlySet<string> = new Set(["private", "shared"]);

/** What makes an address special, in words; undefined for a public one. */
function whySpecial(address: string): string | undefined {
  const kind = classify(address);
  if (kind !== "public") return kind;
  return isOwnAddress(address) ? "this host itself" : undefined;
}

function covers({ ports }: Rule, port: number): boolean {
  return ports.length === 0 || ports.includes(port);
}

/** Whether a connection, or what is known of a request on it, is among what the rule allows. */
function allowsRequest({ methods, paths }: Rule, { method, path }: Question): boolean {
  if (method !== undefined && methods !== undefined && !methods.includes(method)) return false;
  return path === undefined || paths === undefined || matchesPath(path, paths);
}

/** A denial about requests does not deny a connection; of a request that is seen it denies what could be meant by it. */
function deniesRequest(rule: Rule, { method, path }: Question): boolean {
  if (!isAboutRequests(rule)) return true;
  if (method === undefined || path === undefined) return false;
  if (rule.methods !== undefined && !rule.methods.includes(method)) return false;
  return rule.paths === undefined || couldMatchPath(path, rule.paths);
}

function allowedBy(rule: Rule): Verdict {
  return { allowed: true, why: `allowed by ${rule.by}`, rule: showRule(rule) };
}

function deniedBy(rule: Rule): Verdict {
  return { allowed: false, why: `denied by ${rule.by}`, rule: showRule(rule) };
}
