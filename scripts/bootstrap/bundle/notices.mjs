import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The licences of the packages whose files are among these. */
export function notices(files) {
  const roots = new Set(files.flatMap((file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
  return [...roots].sort().map((root) => {
    const licence = readdirSync(root).find((name) => /^licen[cs]e/i.test(name));
    const { name, version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    return `${name} ${version} (${license})\n\n${licence ? readFileSync(join(root, licence), "utf8").trim() : ""}\n`;
  }).join(`\n${"-".repeat(80)}\n\n`);
}
