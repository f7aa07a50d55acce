import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { discoverPlugins } from "../core/config/discover.ts";
import { jsonSchemaText } from "../core/config/json-schema.ts";
import { packageRoot } from "../core/support/package-root.ts";

/** Writes schema.json from the schemas of the core and the built-in plugins. */
writeFileSync(join(packageRoot(), "schema.json"), jsonSchemaText(await discoverPlugins()));
