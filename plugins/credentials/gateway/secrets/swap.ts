import { firstOf, formsOf, type Needle } from "../streams/needles.ts";

/** Where in a request a secret belongs. */
export type Place =
  | { readonly header: string }
  /** The password of an Authorization in HTTP's Basic scheme. */
  | { readonly basic: true }
  | { readonly query: string };

/** A secret as the gateway knows it. */
export interface Swap {
  readonly name: string;
  /** What the guest has instead of it. */
  readonly placeholder: string;
  readonly value: string;
  /** Canonical host names that it may go to, over TLS. */
  readonly hosts: readonly string[];
  readonly places: readonly Place[];
}

/** What of a request's head is looked at and may change. */
export interface Head {
  path: string;
  readonly headers: {
    getAll(name: string): readonly string[];
    set(name: string, value: string): void;
    entries(): readonly (readonly [name: string, value: string])[];
  };
}

type Put = (swap: Swap) => string;

/** Puts the secrets that may go to this host where their placeholders stand in the head. Answers the names of those put in. */
export function swapIn(head: Head, swaps: readonly Swap[]): readonly string[] {
  const put = new Set<string>();
  const real: Put = (swap) => {
    put.add(swap.name);
    return swap.value;
  };
  const { path, headers } = rewritten(head, swaps, real);
  head.path = path;
  for (const [name, value] of headers) if (head.headers.getAll(name)[0] !== value) head.headers.set(name, value);
  return [...put];
}

/**
 * The first secret whose placeholder stands in the head where it does not belong; `here` are those that may go to this host, and so
 * may stand in their places.
 */
export function misplacedIn(head: Head, all: readonly Swap[], here: readonly Swap[]): Swap | undefined {
  const { path, headers } = rewritten(head, here, () => "");
  const once = new Map(headers);
  const text = [path, decoded(path), ...head.headers.entries().flatMap(([name, value]) => [name, head.headers.getAll(name).length > 1 ? value : (once.get(name.toLowerCase()) ?? value)])];
  return all.find((swap) => {
    const forms = placeholderForms(swap);
    return text.some((each) => firstOf(Buffer.from(each, "latin1"), forms, 0) !== undefined);
  });
}

/** A placeholder as it may stand in anything that can be read. */
export function placeholderForms(swap: Swap): readonly Needle[] {
  return formsOf(swap.placeholder, "");
}

/** The head with something else in the place of each placeholder that is where it belongs; headers that are there more than once stay. */
function rewritten(head: Head, swaps: readonly Swap[], put: Put): { readonly path: string; readonly headers: readonly (readonly [string, string])[] } {
  const headers = head.headers.entries().flatMap(([name, value]) => {
    const key = name.toLowerCase();
    return head.headers.getAll(name).length === 1 ? [[key, swaps.reduce((text, swap) => inHeader(key, text, swap, put), value)] as const] : [];
  });
  return { path: swaps.reduce((path, swap) => inQuery(path, swap, put), head.path), headers };
}

function inHeader(name: string, value: string, swap: Swap, put: Put): string {
  const isBasic = name === "authorization" && /^basic\s/i.test(value);
  let text = value;
  for (const place of swap.places) {
    if ("header" in place && place.header.toLowerCase() === name) text = swapText(text, swap, put);
    if ("basic" in place && isBasic) text = inBasic(text, swap, put);
  }
  return text;
}

function inBasic(value: string, swap: Swap, put: Put): string {
  const credentials = Buffer.from(value.replace(/^basic\s+/i, ""), "base64").toString("utf8");
  const colon = credentials.indexOf(":");
  const password = credentials.slice(colon + 1);
  if (colon < 0 || !password.includes(swap.placeholder)) return value;
  return `Basic ${Buffer.from(`${credentials.slice(0, colon)}:${swapText(password, swap, put)}`).toString("base64")}`;
}

function inQuery(path: string, swap: Swap, put: Put): string {
  const names = swap.places.flatMap((place) => ("query" in place ? [place.query] : []));
  const at = path.indexOf("?");
  if (at < 0 || names.length === 0) return path;
  const pairs = path.slice(at + 1).split("&").map((pair) => {
    const [name = "", ...rest] = pair.split("=");
    return names.includes(decoded(name)) ? [name, swapText(rest.join("="), swap, (each) => encodeURIComponent(put(each)))].join("=") : pair;
  });
  return `${path.slice(0, at)}?${pairs.join("&")}`;
}

function swapText(text: string, swap: Swap, put: Put): string {
  return text.includes(swap.placeholder) ? text.replaceAll(swap.placeholder, () => put(swap)) : text;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
