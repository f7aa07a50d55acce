import { formatWithOptions } from "node:util";
import debug from "debug";

/** What developers read: one namespace a phase or plugin, such as `cloche:boot` or `cloche:egress`. The format is that of `debug`. */
export type Logger = (format: unknown, ...values: unknown[]) => void;

/** Opens the `debug` namespace of one part; users never see it unless they ask with `DEBUG=cloche:*`, and only then is it loaded. */
export function logger(part: string): Logger {
  if (process.env["DEBUG"] === undefined) return () => {};
  debug.log = toStderr;
  return debug(`cloche:${part}`);
}

const secrets = new Set<string>();
const SHORTEST_SECRET = 8;

/** From now on no log line and no error text shows this value, nor its URL-encoded or base64 form. */
export function hide(secret: string): void {
  for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")]) {
    if (form.length >= SHORTEST_SECRET) secrets.add(form);
  }
}

/** The text with every hidden value replaced; whatever prints for people or writes a file of ours calls it. */
export function withoutSecrets(text: string): string {
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, "[hidden]");
  return clean;
}

function toStderr(...args: unknown[]): void {
  process.stderr.write(`${withoutSecrets(formatWithOptions({ colors: process.stderr.isTTY }, ...args))}\n`);
}
