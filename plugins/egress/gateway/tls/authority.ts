import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { certificate } from "./certificate.ts";

const DAY_MS = 86_400_000;
const BEFORE_MS = 2 * DAY_MS; // a guest's clock may be behind
const GOOD_MS = 300 * DAY_MS; // longer than any session; some clients refuse more than 398 days
const MOST_CONTEXTS = 512;
const LONGEST_COMMON_NAME = 64; // X.520

/**
 * A certificate authority of one session: its keys exist in this process's memory alone and go with it. It makes a certificate
 * for a name when one is wanted first.
 */
export class Authority {
  /** Its own certificate in PEM, for the guest to trust. */
  readonly pem: string;
  readonly #name = `cloche session ${randomBytes(6).toString("hex")}`;
  readonly #keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  readonly #serverKeys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  readonly #contexts = new Map<string, SecureContext>();
  readonly #from = new Date(Date.now() - BEFORE_MS);
  readonly #until = new Date(Date.now() + GOOD_MS);

  constructor() {
    const { publicKey } = this.#keys;
    this.pem = certificate({ ...this.#common(), subject: this.#name, publicKey, use: "authority" });
  }

  /** What a server of this name needs for TLS: a chain that the guest trusts, and its key. The 512 names used last are kept. */
  contextFor(name: string): SecureContext {
    const context = this.#contexts.get(name) ?? this.#make(name);
    this.#contexts.delete(name);
    this.#contexts.set(name, context);
    if (this.#contexts.size > MOST_CONTEXTS) for (const oldest of this.#contexts.keys()) { this.#contexts.delete(oldest); break; }
    return context;
  }

  #make(name: string): SecureContext {
    const { publicKey, privateKey } = this.#serverKeys;
    const subject = name.length > LONGEST_COMMON_NAME ? "cloche" : name;
    const cert = certificate({ ...this.#common(), subject, publicKey, use: [name] });
    const key = privateKey.export({ type: "pkcs8", format: "pem" });
    return createSecureContext({ cert: `${cert}${this.pem}`, key, minVersion: "TLSv1.2" });
  }

  #common() {
    return { issuer: this.#name, issuerKey: this.#keys, from: this.#from, until: this.#until };
  }
}
