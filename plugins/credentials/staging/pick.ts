import { secretInValue } from "./suspicious.ts";

/** Hears of what is not taken over: where it stands, and why. */
export type Left = (at: string, why: string) => void;

/** Copies of a value what is known to be good, and nothing else; undefined when that is nothing. */
export type Pick = (value: unknown, at: string, left: Left) => unknown;

const UNKNOWN = "not on the list of what may cross";
const MOST_ELEMENTS = 1000;

/** A value of one of these, such as true and false. */
export function oneOf(...values: readonly (string | number | boolean)[]): Pick {
  return (value, at, left) => (values.includes(value as string) ? value : refuse(left, at, "not one of its known values"));
}

export const BOOLEAN: Pick = (value, at, left) => (typeof value === "boolean" ? value : refuse(left, at, "not true or false"));

/** A whole number in this range. */
export function integer(least: number, most: number): Pick {
  return (value, at, left) => (Number.isInteger(value) && (value as number) >= least && (value as number) <= most ? value : refuse(left, at, "not a number as it should be"));
}

/** A text that fits the pattern as a whole and does not look like a secret. */
export function text(pattern: RegExp): Pick {
  return (value, at, left) => {
    if (typeof value !== "string" || !pattern.test(value)) return refuse(left, at, "not a text as it should be");
    const secret = secretInValue(value);
    return secret === undefined ? value : refuse(left, at, `it looks like ${secret}`);
  };
}

/** A list; elements that do not fit are left out of it. */
export function list(element: Pick): Pick {
  return (value, at, left) => {
    if (!Array.isArray(value) || value.length > MOST_ELEMENTS) return refuse(left, at, "not a list as it should be");
    return value.map((each: unknown, index) => element(each, `${at}[${index}]`, left)).filter((each) => each !== undefined);
  };
}

/** An object with these keys; others are left out. Undefined when a key that is needed does not fit. */
export function object(keys: Readonly<Record<string, Pick>>, needed: readonly string[] = []): Pick {
  return (value, at, left) => {
    if (!isObject(value)) return refuse(left, at, "not an object");
    const picked = entriesOf(value).flatMap(([key, each]): [string, unknown][] => {
      const here = at === "" ? key : `${at}.${key}`;
      const pick = Object.hasOwn(keys, key) ? keys[key] : undefined;
      const result = pick ? pick(each, here, left) : refuse(left, here, UNKNOWN);
      return result === undefined ? [] : [[key, result]];
    });
    const result = Object.fromEntries(picked);
    return needed.every((key) => Object.hasOwn(result, key)) ? result : undefined;
  };
}

/** An object with any keys that fit the pattern, and values of one kind. */
export function record(key: RegExp, element: Pick): Pick {
  return (value, at, left) => {
    if (!isObject(value)) return refuse(left, at, "not an object");
    const picked = entriesOf(value).flatMap(([name, each]): [string, unknown][] => {
      const here = `${at}.${name}`;
      const result = key.test(name) && secretInValue(name) === undefined ? element(each, here, left) : refuse(left, here, UNKNOWN);
      return result === undefined ? [] : [[name, result]];
    });
    return Object.fromEntries(picked);
  };
}

/** Whether a value is a plain object of JSON. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function entriesOf(value: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(value).filter(([key]) => key !== "__proto__").slice(0, MOST_ELEMENTS);
}

function refuse(left: Left, at: string, why: string): undefined {
  left(at, why);
  return undefined;
}
