// What `npm run docs:errors` runs: writes docs/errors.md.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { catalogue, errorsPage } from "./catalogue.ts";

const root = dirname(dirname(import.meta.dirname));
mkdirSync(join(root, "docs"), { recursive: true });
writeFileSync(join(root, "docs/errors.md"), errorsPage(await catalogue(root)));
