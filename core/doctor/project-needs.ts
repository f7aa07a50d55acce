import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readText } from "../config/read.ts";
import { toolProblem } from "../image/tools/names.ts";
import { ok, type Check } from "./check.ts";

/** Files at the top of a project that say which tool it is made with. */
const SIGNS: Readonly<Record<string, readonly string[]>> = {
  node: ["package-lock.json", "yarn.lock", "pnpm-lock.yaml", "package.json"],
  python: ["pyproject.toml", "uv.lock", "poetry.lock", "requirements.txt", "Pipfile.lock", "setup.py", ".python-version"],
  java: ["pom.xml", "build.gradle", "build.gradle.kts", "mvnw", "gradlew", ".java-version"],
  go: ["go.mod"],
  rust: ["Cargo.toml", "Cargo.lock", "rust-toolchain", "rust-toolchain.toml"],
  chrome: ["playwright.config.ts", "playwright.config.js", "puppeteer.config.js", ".puppeteerrc.json", "karma.conf.js"],
  nix: ["flake.nix", "shell.nix", "default.nix"],
};
/** Files that hold a version and nothing else, for the tools of which there is more than one. */
const VERSION_FILES: Readonly<Record<string, readonly string[]>> = { node: [".nvmrc", ".node-version"], java: [".java-version"] };
const MOST_NAMES = 5_000;
const MOST_KIB = 64;

/** A tool that a project seems to need, as an entry of `image.tools`, and the file that says so. */
export interface Need {
  readonly tool: string;
  readonly sign: string;
}

/** What the project's lock files and version files speak of. They are only looked at: names, and of version files a number. */
export async function needsOf(project: string): Promise<readonly Need[]> {
  const names = new Set(readdirSync(project).slice(0, MOST_NAMES));
  const needs: Need[] = [];
  for (const [tool, signs] of Object.entries(SIGNS)) {
    const sign = signs.find((name) => names.has(name));
    if (sign !== undefined) needs.push((await versionNeed(project, names, tool)) ?? { tool, sign });
  }
  return needs;
}

async function versionNeed(project: string, names: ReadonlySet<string>, tool: string): Promise<Need | undefined> {
  for (const file of VERSION_FILES[tool] ?? []) {
    if (!names.has(file)) continue;
    const text = await readText(join(project, file), { within: project, limitKiB: MOST_KIB }).catch(() => "");
    const entry = `${tool}@${/^v?(\d{2})(\.|\s|$)/.exec(text.trim())?.[1]}`;
    if (toolProblem(entry) === undefined) return { tool: entry, sign: file };
  }
  return undefined;
}

/** Suggests what the project seems to need and the image does not have; nothing is installed by it. */
export function projectNeeds(project: string, present: readonly string[]): Check {
  return {
    id: "project-tools",
    title: "This project",
    async run() {
      const needs = await needsOf(project);
      const has = (tool: string) => present.some((one) => one === tool || one.split("@", 1)[0] === tool.split("@", 1)[0]);
      const missing = needs.filter(({ tool }) => !has(tool));
      if (missing.length === 0) return ok(needs.length === 0 ? "names no tools that would be missing" : `its tools are in the image: ${needs.map(({ tool }) => tool).join(", ")}`);
      const all = JSON.stringify([...present, ...missing.map(({ tool }) => tool)]);
      const found = `may need ${missing.map(({ tool, sign }) => `${tool} (${sign})`).join(", ")}`;
      return { ...ok(found), fix: `If so: cloche config set image.tools '${all}'` };
    },
  };
}
