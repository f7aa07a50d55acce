import { globSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ClocheError } from "../../core/support/errors.ts";

/** One foreseen failure as people may look it up. */
export interface Entry {
  readonly code: string;
  /** The file that describes it. */
  readonly file: string;
  readonly message: string;
  readonly hint: string;
}

type Door = ((code: string, facts: unknown) => ClocheError) & { readonly codes: readonly string[] };

/** Every failure of every catalogue of core and the plugins, with each fact shown as its name in angle brackets. */
export async function catalogue(root: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (const file of globSync(["core/**/*failures.ts", "plugins/**/*failures.ts"], { cwd: root }).sort()) {
    const module = (await import(pathToFileURL(join(root, file)).href)) as Record<string, unknown>;
    for (const door of Object.values(module).filter(isDoor)) {
      for (const code of door.codes) {
        const { message, hint } = door(code, new Proxy({}, { get: (_, fact) => stand(String(fact)) }));
        entries.push({ code, file, message, hint });
      }
    }
  }
  return entries;
}

function isDoor(value: unknown): value is Door {
  return typeof value === "function" && "codes" in value;
}

/** Stands for a fact of whatever type: its name as text, and a list of one such text. */
function stand(fact: string): unknown {
  const text = `<${fact}>`;
  const list = [text];
  return Object.assign(new String(text), {
    map: list.map.bind(list),
    join: list.join.bind(list),
    filter: list.filter.bind(list),
    toFixed: () => text,
    [Symbol.iterator]: list[Symbol.iterator].bind(list),
  });
}

/** The page docs/errors.md. */
export function errorsPage(entries: readonly Entry[]): string {
  const lines = [
    "# Errors",
    "",
    "Every failure that cloche foresees, by its code. `npm run docs:errors` writes this page from the catalogues in the sources.",
  ];
  for (const { code, file, message, hint } of [...entries].sort((a, b) => (a.code < b.code ? -1 : 1))) {
    lines.push("", `## ${code}`, "", quote(message), "", hint.replaceAll("NaN", "<number>").trim(), "", `In [${file}](../${file}).`);
  }
  return `${lines.join("\n")}\n`;
}

function quote(message: string): string {
  return message
    .replaceAll("NaN", "<number>")
    .trim()
    .split("\n")
    .map((line) => `> ${line}`.trimEnd())
    .join("\n");
}
