import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../core/support/package-root.ts";
import { apiPage } from "./api-page.ts";

/** Writes docs/plugin-api.md from the comments of what plugins may import. */
writeFileSync(join(packageRoot(), "docs/plugin-api.md"), apiPage(packageRoot()));
