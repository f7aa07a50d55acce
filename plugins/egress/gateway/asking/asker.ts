import type { Destination } from "../../names/destination.ts";
import type { Policy, Verdict } from "../../policy/policy.ts";

/** A question that waits for the user's answer. */
export interface Pending {
  /** By which the user answers; counts from 1 in a session. */
  readonly id: number;
  readonly name: Destination;
  readonly port: number;
  /** When it was first asked, in ISO 8601. */
  readonly since: string;
  /** How many connections are held for it. */
  readonly held: number;
}

/** How long to wait, and who hears what. */
export interface AskerOptions {
  readonly timeoutMs: number;
  /** A new question waits. */
  onAsked(pending: Pending): void;
}

/** What was made of a held connection; `granted` when the user said yes to this one only. */
export type Admission = Verdict & { readonly granted?: boolean };

interface Question {
  readonly pending: Pending;
  readonly timer: NodeJS.Timeout;
  readonly waiting: Set<(verdict: Admission) => void>;
}

const MOST_QUESTIONS = 32;
const MOST_HELD = 256;
const QUIET_MS = 10 * 60_000; // whoever did not answer is not asked the same again for a while
const MOST_REMEMBERED = 1024;

const LATE = "you were asked and did not answer in time";
const REFUSED = "you said no";

/** Holds connections that no rule covers until the user has answered, a bounded number of them; no answer in time is a no. */
export class Asker {
  readonly #options: AskerOptions;
  readonly #questions = new Map<string, Question>();
  readonly #refused = new Map<string, { readonly why: string; readonly until: number }>();
  #held = 0;
  #asked = 0;

  constructor(options: AskerOptions) {
    this.#options = options;
  }

  /** What waits, in the order asked. */
  pending(): readonly Pending[] {
    return [...this.#questions.values()].map(({ pending, waiting }) => ({ ...pending, held: waiting.size }));
  }

  /** Waits for the user; refuses at once when too much waits already, or when the same was answered by silence lately. */
  async hold(name: Destination, port: number): Promise<Admission> {
    const key = `${name}:${port}`;
    const refused = this.#refused.get(key);
    if (refused && performance.now() < refused.until) return { allowed: false, why: refused.why };
    const known = this.#questions.get(key);
    if (this.#held >= MOST_HELD || (!known && this.#questions.size >= MOST_QUESTIONS)) return { allowed: false, why: "too many connections wait for your answer" };
    const question = known ?? this.#ask(key, name, port);
    this.#held += 1;
    const verdict = await new Promise<Admission>((resolve) => question.waiting.add(resolve));
    this.#held -= 1;
    return verdict;
  }

  /** The user's answer to a question: yes to the connections that are held, or no. False when there is no such question. */
  answer(id: number, yes: boolean): boolean {
    const [key] = [...this.#questions].find(([, { pending }]) => pending.id === id) ?? [];
    if (key === undefined) return false;
    if (yes) this.#settle(key, { allowed: true, why: "allowed by you, once", granted: true });
    else this.#refuse(key, REFUSED);
    return true;
  }

  /** Asks the policy again about everything that waits, since it changed. */
  reconsider(policy: Policy): void {
    this.#refused.clear();
    for (const [key, { pending: { name, port } }] of [...this.#questions]) {
      const verdict = policy.decide({ name, port });
      if (verdict.ask !== true) this.#settle(key, verdict);
    }
  }

  #ask(key: string, name: Destination, port: number): Question {
    this.#asked += 1;
    const pending = { id: this.#asked, name, port, since: new Date().toISOString(), held: 1 };
    const timer = setTimeout(() => this.#refuse(key, LATE), this.#options.timeoutMs);
    const question = { pending, timer, waiting: new Set<(verdict: Admission) => void>() };
    this.#questions.set(key, question);
    this.#options.onAsked(pending);
    return question;
  }

  #refuse(key: string, why: string): void {
    this.#refused.delete(key);
    this.#refused.set(key, { why, until: performance.now() + QUIET_MS });
    if (this.#refused.size > MOST_REMEMBERED) this.#refused.delete(this.#refused.keys().next().value ?? "");
    this.#settle(key, { allowed: false, why });
  }

  #settle(key: string, verdict: Admission): void {
    const question = this.#questions.get(key);
    if (!question) return;
    this.#questions.delete(key);
    clearTimeout(question.timer);
    for (const resolve of question.waiting) resolve(verdict);
  }
}
