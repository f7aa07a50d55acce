import { fail } from "./failures.ts";
import { isRaw, type Raw } from "./values.ts";

const MOST_VALUES = 20_000;
const DEEPEST = 16;

/** Keys by which cosmiconfig, and configurations like ours, load other files. */
const REACHES_OUT = ["$import", "extends"];

/** Keys that mean something to JavaScript itself. */
const ODD_KEYS = ["__proto__", "constructor", "prototype"];

/**
 * What a parser answered, if it is an object of plain values and small enough to walk; nothing at all is an empty object.
 * YAML makes dates, and by its aliases loops and values without end. Throws CONFIG_NOT_PLAIN or CONFIG_REACHES_OUT.
 */
export function plainObject(values: unknown, file: string): Raw {
  const present = values ?? {};
  if (!isRaw(present)) throw fail("CONFIG_NOT_PLAIN", { file, what: `${kindOf(present)} instead of an object` });
  for (const key of REACHES_OUT) if (Object.hasOwn(present, key)) throw fail("CONFIG_REACHES_OUT", { file, key });
  const budget = { left: MOST_VALUES };
  return copy(present, 0, file, budget) as Raw;
}

function copy(value: unknown, depth: number, file: string, budget: { left: number }): unknown {
  budget.left -= 1;
  if (budget.left < 0) throw fail("CONFIG_NOT_PLAIN", { file, what: `more than ${MOST_VALUES} values` });
  if (depth > DEEPEST) throw fail("CONFIG_NOT_PLAIN", { file, what: `values more than ${DEEPEST} levels deep` });
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1, file, budget));
  if (!isRaw(value) || !isPlain(value)) throw fail("CONFIG_NOT_PLAIN", { file, what: kindOf(value) });
  const entries = Object.entries(value).map(([key, below]) => {
    if (ODD_KEYS.includes(key)) throw fail("CONFIG_NOT_PLAIN", { file, what: `the key "${key}"` });
    return [key, copy(below, depth + 1, file, budget)] as const;
  });
  return Object.fromEntries(entries);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // objects of a module that was loaded in another realm have another Object.prototype
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (value instanceof Date) return "a date (put it between quotes)";
  if (typeof value === "object") return "an object of a class";
  return `a ${typeof value}`;
}
