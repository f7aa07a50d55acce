/** One setting of a git configuration: `section.subsection.name`, the first and the last in small letters. */
export interface GitEntry {
  readonly section: string;
  readonly subsection: string | undefined;
  readonly name: string;
  /** "true" when it was written without a value. */
  readonly value: string;
}

const SECTION = /^\[([A-Za-z0-9.-]+)(?:[ \t]+"((?:[^"\\\n]|\\.)*)")?\]/;
const NAME = /^([A-Za-z][A-Za-z0-9-]*)[ \t]*/;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", b: "\b", "\\": "\\", '"': '"' };

/** Reads a git configuration as data, the way git does; throws when git would not accept it. Includes are entries like others. */
export function parseGitConfig(source: string): readonly GitEntry[] {
  const entries: GitEntry[] = [];
  let rest = source.replace(/^\ufeff/, "").replaceAll("\r\n", "\n");
  let section = "";
  let subsection: string | undefined;
  for (;;) {
    rest = rest.replace(/^(?:[\s]+|[#;][^\n]*)+/, "");
    if (rest === "") return entries;
    const heading = SECTION.exec(rest);
    if (heading) {
      const [whole, name = "", quoted] = heading;
      const [first = "", ...more] = name.split(".");
      section = first.toLowerCase();
      subsection = quoted?.replace(/\\(.)/g, "$1") ?? (more.length > 0 ? more.join(".").toLowerCase() : undefined);
      rest = rest.slice(whole.length);
      continue;
    }
    const name = NAME.exec(rest);
    if (!name || section === "") throw new Error("it is not a git configuration");
    rest = rest.slice(name[0].length);
    const hasValue = rest.startsWith("=");
    if (!hasValue && rest !== "" && !rest.startsWith("\n")) throw new Error("it is not a git configuration");
    const { value, length } = hasValue ? readValue(rest.slice(1)) : { value: "true", length: 0 };
    entries.push({ section, subsection, name: (name[1] ?? "").toLowerCase(), value });
    rest = rest.slice(hasValue ? length + 1 : 0);
  }
}

/** A value up to the end of its line, which a backslash continues; blanks around it and comments after it are not part of it. */
function readValue(text: string): { value: string; length: number } {
  let value = "";
  let kept = 0; // length up to the last character that is not a blank outside of quotes
  let quoted = false;
  let at = 0;
  for (; at < text.length && text[at] !== "\n"; at += 1) {
    const character = text[at] ?? "";
    if (character === "\\") {
      at += 1;
      const next = text[at] ?? "";
      if (next === "\n") continue;
      const escaped = ESCAPES[next];
      if (escaped === undefined) throw new Error("it is not a git configuration");
      value += escaped;
      kept = value.length;
    } else if (character === '"') {
      quoted = !quoted;
      kept = value.length;
    } else if (!quoted && (character === "#" || character === ";")) {
      at += lengthOfLine(text, at);
      break;
    } else if (!quoted && (character === " " || character === "\t")) {
      if (value !== "") value += character;
    } else {
      value += character;
      kept = value.length;
    }
  }
  if (quoted) throw new Error("it is not a git configuration");
  return { value: value.slice(0, kept), length: at };
}

function lengthOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return (end < 0 ? text.length : end) - from;
}
