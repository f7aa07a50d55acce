import type { Pending } from "../gateway/asking/asker.ts";
import type { Refused } from "../gateway/refusals.ts";
import { DEFAULT_PORTS } from "../policy/rule.ts";

/** Where lines for the user go while a program has the screen. */
export interface Voices {
  notice(line: string): void;
  desktop(line: string): void;
  /** How things stand, in a few words. */
  status(text: string): void;
}

/** Tells the user of a session what waits for an answer and what was refused, with the command that would change it. */
export class Telling {
  readonly #voices: Voices;
  readonly #session: string;
  #refused = 0;

  constructor(voices: Voices, session: string) {
    this.#voices = voices;
    this.#session = session;
  }

  asked({ id, name, port }: Pending): void {
    const line = `May the guest reach ${name}:${port}? Answer with: ${this.#command("allow", String(id))}, or deny ${id}`;
    this.#voices.notice(line);
    this.#voices.desktop(line);
  }

  refused({ name, port, why }: Refused): void {
    this.#refused += 1;
    this.#voices.status(`network: ${this.#refused} refused`);
    const rule = ruleFor({ name, port, why });
    const remedy = rule === undefined ? "" : `. To allow it: ${this.#command("allow", rule)}`;
    const line = `The guest did not reach ${name}${port === undefined ? "" : `:${port}`}: ${why}${remedy}`;
    this.#voices.notice(line);
    this.#voices.desktop(line);
  }

  #command(verb: string, what: string): string {
    return `cloche egress ${verb} ${what} --session ${this.#session}`;
  }
}

/** The rule that would allow what was refused; none when a rule alone does not help. */
function ruleFor({ name, port, why }: { readonly name: string; readonly port: number | undefined; readonly why: string }): string | undefined {
  if (/^(?:no rule names|you were asked)/.test(why)) return port === undefined || DEFAULT_PORTS.includes(port) ? name : `${name}:${port}`;
  const [, address] = /^resolves to (\S+), which is (?!denied)/.exec(why) ?? [];
  return address === undefined || port === undefined ? undefined : `${address.includes(":") ? `[${address}]` : address}:${port}`;
}
