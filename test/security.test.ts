import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { filesBelow, readSource, ROOT } from "./support/sources.ts";

interface Kept {
  readonly text: string;
  readonly tests: readonly string[];
}

/** The rows of the table of promises. */
function promises(): readonly Kept[] {
  const section = readSource("SECURITY.md").split("## Promises")[1]?.split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| promise"));
  return rows.map((row) => {
    const [, text = "", tests = ""] = row.split("|");
    return { text: text.trim(), tests: [...tests.matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1] ?? "") };
  });
}

describe("SECURITY.md", () => {
  it("names tests for each promise, and every one of them is there", () => {
    expect(promises().length).to.be.greaterThan(8);
    for (const { text, tests } of promises()) {
      expect(tests, text).to.not.deep.equal([]);
      const missing = tests.filter((path) => !existsSync(join(ROOT, path)) || (!path.endsWith(".test.ts") && !filesBelow(path).some((file) => file.endsWith(".test.ts"))));
      expect(missing, text).to.deep.equal([]);
    }
  });

  it("says how to report in private, and that there was no audit", () => {
    const text = readSource("SECURITY.md");
    for (const word of ["Report a vulnerability", "90 days", "no formal audit", "Known limits"]) expect(text).to.include(word);
  });
});

describe("The documentation", () => {
  it("links only to files that are there", () => {
    for (const page of filesBelow().filter((path) => path.endsWith(".md"))) {
      const links = [...readSource(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] ?? "");
      expect(links.filter((link) => !existsSync(join(ROOT, page, "..", link))), page).to.deep.equal([]);
    }
  });
});
