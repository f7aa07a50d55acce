const LONGEST = 1024;
// one level of escapes too many would mean something else to whoever decodes twice
const STILL_ESCAPED = /%(?:2e|2f|5c|25|00)/i;

/** Why a text is no pattern of paths; undefined when it is one: a path as it is sent, or its beginning with a star behind it. */
export function whyNoPathPattern(text: string): string | undefined {
  if (!text.startsWith("/")) return "a path begins with a slash";
  if (text.length > LONGEST) return "a path is at most 1024 characters long";
  const path = text.endsWith("*") ? text.slice(0, -1) : text;
  if (/[*?#]/.test(path)) return 'a path has a star at its end only, and no "?" or "#"';
  return plainPath(path) === path ? undefined : "write the path decoded, in printable ASCII, without empty, \".\" or \"..\" parts";
}

/** Whether a request's target is one of the patterns. What servers could read in more than one way is none of them. */
export function matchesPath(target: string, patterns: readonly string[]): boolean {
  const path = plainPath(target);
  return path !== undefined && patterns.some((pattern) => (pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern));
}

/** Whether a request's target is one of the patterns, or could be taken for one; for denials. */
export function couldMatchPath(target: string, patterns: readonly string[]): boolean {
  return plainPath(target) === undefined || matchesPath(target, patterns);
}

/**
 * The path of a request's target, decoded, without its query; undefined when another reader could take it for another path:
 * dot segments and empty ones, backslashes, control characters, what decodes to an escape.
 */
export function plainPath(target: string): string | undefined {
  const [path = ""] = target.split("?", 1);
  const decoded = decode(path);
  if (decoded === undefined || !decoded.startsWith("/") || !/^[\x20-\x7e]*$/.test(decoded)) return undefined;
  if (/[\\#;]/.test(decoded) || STILL_ESCAPED.test(decoded)) return undefined;
  const parts = decoded.slice(1).split("/");
  const bad = parts.some((part, index) => part === "." || part === ".." || (part === "" && index < parts.length - 1));
  return bad ? undefined : decoded;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
