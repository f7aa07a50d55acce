import type { Option } from "./options.ts";

const USERINFO = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi;

/** A value as it may be shown: never a secret option, and no name and password inside an address. */
export function showable(option: Option, value: unknown): unknown {
  return option.secret && value !== undefined ? "[hidden]" : withoutUserinfo(value);
}

function withoutUserinfo(value: unknown): unknown {
  if (typeof value === "string") return value.replace(USERINFO, "$1[hidden]@");
  if (Array.isArray(value)) return value.map(withoutUserinfo);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, withoutUserinfo(below)]));
}

/** A value on one line, for people. */
export function showableText(option: Option, value: unknown): string {
  const shown = showable(option, value);
  if (shown === undefined) return "(not set)";
  return typeof shown === "string" && shown !== "" ? shown : JSON.stringify(shown);
}
