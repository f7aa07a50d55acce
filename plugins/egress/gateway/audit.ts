import { closeSync, existsSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";

/** One decision of the gateway. */
export interface Decision {
  readonly kind: "name" | "connection" | "request" | "part";
  /** As asked for; what is in it is not to be trusted. */
  readonly name: string;
  readonly port?: number;
  readonly address?: string;
  /** The proxy or the option that chose where it went. */
  readonly via?: string;
  readonly verdict: "allowed" | "refused" | "failed";
  readonly why: string;
  /** Of requests only. */
  readonly method?: string;
  readonly path?: string;
  /** The rule that decided, as a user could have written it. */
  readonly rule?: string;
  /** Bytes that came from the guest and bytes that went to it. */
  readonly sent?: number;
  readonly received?: number;
  readonly durationMs?: number;
}

/** Where decisions are written down. */
export interface Audit {
  record(decision: Decision): void;
}

const LARGEST_BYTES = 4 * 1024 * 1024;
const REFUSALS_BURST = 1_000;
const REFUSALS_PER_SECOND = 20;
const LONGEST_TEXT = 300;

/**
 * Keeps one JSON line for each decision, plain ASCII whatever the guest put into a name, in a file of at most 4 MiB beside
 * the first one (`.first`) and the one before it (`.1`).
 */
export class AuditFile implements Audit {
  readonly #path: string;
  readonly #session: string;
  #file: number;
  #bytes: number;
  #lost = 0;
  #torn = false; // the last line is a piece of one
  #refusals = REFUSALS_BURST;
  #refusalsAt = performance.now();

  constructor(path: string, session: string) {
    this.#path = path;
    this.#session = session;
    this.#file = openSync(path, "a", 0o600);
    this.#bytes = fstatSync(this.#file).size;
  }

  record(decision: Decision): void {
    if (decision.verdict === "refused" && !this.#mayRefuse()) return void (this.#lost += 1);
    const lost = this.#lost > 0 ? { lost: this.#lost } : {};
    const shown = { time: new Date().toISOString(), session: this.#session, ...decision, name: short(decision.name), why: short(decision.why), ...(decision.path === undefined ? {} : { path: short(decision.path) }), ...lost };
    try {
      this.#write(`${ascii(JSON.stringify(shown))}\n`);
      this.#lost = 0;
    } catch {
      this.#lost += 1; // a full disk must not end the session; the next line that fits says how many are missing
    }
  }

  /** A guest that does nothing but be refused shall not push out everything else. */
  #mayRefuse(): boolean {
    const now = performance.now();
    this.#refusals = Math.min(REFUSALS_BURST, this.#refusals + ((now - this.#refusalsAt) / 1000) * REFUSALS_PER_SECOND);
    this.#refusalsAt = now;
    if (this.#refusals < 1) return false;
    this.#refusals -= 1;
    return true;
  }

  #write(line: string): void {
    if (this.#bytes + line.length > LARGEST_BYTES) this.#rotate();
    const whole = this.#torn ? `\n${line}` : line;
    const written = writeSync(this.#file, whole);
    this.#bytes += written;
    this.#torn = written < whole.length;
    if (this.#torn) throw new Error("no room for the whole line");
  }

  #rotate(): void {
    // the beginning is kept, so that nobody can make it go by filling what follows
    renameSync(this.#path, this.#path + (existsSync(`${this.#path}.first`) ? ".1" : ".first"));
    const fresh = openSync(this.#path, "a", 0o600);
    closeSync(this.#file);
    this.#file = fresh;
    this.#bytes = 0;
    this.#torn = false;
  }
}

function short(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

// JSON escapes C0 itself; DEL, C1 and everything that terminals may reorder or combine goes the same way
function ascii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
