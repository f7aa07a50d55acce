import type { Option } from "./options.ts";
import { fail } from "./failures.ts";

/** What stands in a configuration before it is checked. */
export type Raw = Readonly<Record<string, unknown>>;

/** Whether a value is an object whose keys are options, not a list and not a scalar. */
export function isRaw(value: unknown): value is Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at a path, undefined when some part of the path is not there. */
export function valueAt(values: unknown, path: readonly string[]): unknown {
  let present = values;
  for (const name of path) {
    if (!isRaw(present) || !Object.hasOwn(present, name)) return undefined;
    present = present[name];
  }
  return present;
}

/** A copy with the value at the path; `undefined` takes the path out. */
export function withValue(values: unknown, path: readonly string[], value: unknown): Raw {
  const [name, ...rest] = path;
  const copy: Record<string, unknown> = isRaw(values) ? { ...values } : {};
  if (name === undefined) return copy;
  const below = rest.length === 0 ? value : withValue(copy[name], rest, value);
  if (below === undefined) delete copy[name];
  else copy[name] = below;
  return copy;
}

const YES = ["true", "on", "yes", "1"];
const NO = ["false", "off", "no", "0"];

/** The value that a text from the command line or a variable means for an option; `where` names it in CONFIG_VALUE_INVALID. */
export function valueOfText(option: Option, text: string, where: string): unknown {
  const refuse = (reason: string) => fail("CONFIG_VALUE_INVALID", { key: option.key, where, reason });
  switch (option.kind) {
    case "text":
      return text;
    case "number": {
      const number = Number(text);
      if (text.trim() === "" || !Number.isFinite(number)) throw refuse("write a number");
      return number;
    }
    case "boolean":
      if (YES.includes(text.toLowerCase())) return true;
      if (NO.includes(text.toLowerCase())) return false;
      throw refuse("write true or false");
    case "texts":
      if (!text.trim().startsWith("[")) return text === "" ? [] : text.split(",").map((item) => item.trim());
      return json(text, refuse);
    case "json":
      return json(text, refuse);
  }
}

function json(text: string, refuse: (reason: string) => Error): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refuse(`write JSON (${(error as Error).message})`);
  }
}
