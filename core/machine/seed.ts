import { createHash, randomBytes } from "node:crypto";

/** What makes one machine different from its siblings. Clock and entropy are added when it is sent. */
export interface Seed {
  readonly hostname: string;
  /** 32 hexadecimal digits, as in `/etc/machine-id`. */
  readonly machineId: string;
  /** OpenSSH private key that the guest's sshd shows. */
  readonly hostKey: string;
  /** The one public key that may log in. */
  readonly authorizedKey: string;
  /** `ADDRESS:PORT` that the guest dials. */
  readonly dial: string;
}

/** Version of what is said on the seed port; the guest's side is `guest/seed`. */
export const SEED_VERSION = 2;

/** Largest payload, in bytes, that the guest's seed receiver accepts. */
export const MAX_SEED_BYTES = 65_536;

const ENTROPY_BYTES = 64;

/**
 * The one message that the guest's seed receiver takes: a header `CLOCHE-SEED 2 BYTES SHA256`, then lines `KEY BASE64`. Call it
 * just before sending, since it holds the time. A copy of a machine that has its seed is told the same with another word.
 */
export function encodeSeed(seed: Seed, nowMs: number = Date.now(), word: "CLOCHE-SEED" | "CLOCHE-AGAIN" = "CLOCHE-SEED"): Buffer {
  const values: Record<string, string | Buffer> = {
    hostname: seed.hostname,
    clock: clockText(nowMs),
    entropy: randomBytes(ENTROPY_BYTES),
    "machine-id": `${seed.machineId}\n`,
    "host-key": seed.hostKey,
    "authorized-key": `${seed.authorizedKey}\n`,
    dial: seed.dial,
  };
  const lines = Object.entries(values).map(([key, value]) => `${key} ${Buffer.from(value).toString("base64")}\n`);
  const payload = Buffer.from(lines.join(""));
  if (payload.length > MAX_SEED_BYTES) throw new Error(`a seed of ${payload.length} bytes is too long`);
  const sum = createHash("sha256").update(payload).digest("hex");
  return Buffer.concat([Buffer.from(`${word} ${SEED_VERSION} ${payload.length} ${sum}\n`), payload]);
}

/** A time (ms since the epoch) as the guest's seed receiver reads it: seconds with a fraction. */
export function clockText(nowMs: number): string {
  return (nowMs / 1000).toFixed(3);
}

/** A fresh machine id. */
export function makeMachineId(): string {
  return randomBytes(16).toString("hex");
}
