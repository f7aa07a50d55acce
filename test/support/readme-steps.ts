import { readSource } from "./sources.ts";

/** A block of code in a section of README.md. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

/** The blocks of code of one section of README.md, by its heading. */
export function blocksOf(heading: string): readonly Block[] {
  const text = readSource("README.md");
  const start = text.indexOf(`\n### ${heading}\n`);
  if (start < 0) throw new Error(`README.md has no section "${heading}"`);
  const end = text.slice(start + 4).search(/\n##+ /);
  const section = text.slice(start, end < 0 ? undefined : start + 4 + end);
  return [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = "", code = ""]) => ({ language, text: code }));
}
