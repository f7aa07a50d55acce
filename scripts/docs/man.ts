// What `npm run docs:man` runs: writes docs/cloche.1.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { everyCommand } from "../../core/cli/every-command.ts";
import { packageVersion } from "../../core/cli/version.ts";
import { manPage } from "./man-page.ts";

const root = dirname(dirname(import.meta.dirname));
mkdirSync(join(root, "docs"), { recursive: true });
writeFileSync(join(root, "docs/cloche.1"), manPage(await everyCommand(), packageVersion()));
