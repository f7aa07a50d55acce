import { z } from "zod";
import type { Plugin } from "../plugin.ts";
import { sectionsOf } from "./options.ts";

/** The JSON schema of the user's configuration file, for editors and for reading; a project's file is the same without `projects`. */
export function jsonSchema(plugins: readonly Plugin[]): unknown {
  const sections = z.strictObject(Object.fromEntries([...sectionsOf(plugins)].map(([name, schema]) => [name, schema.optional()])));
  const file = sections.extend({
    $schema: z.string().optional().describe("Address of this schema, for editors"),
    projects: z
      .record(z.string().regex(/^\//), sections)
      .optional()
      .describe("Sections for single projects by their real path; only in your own file"),
  });
  return { title: "Configuration of cloche", ...z.toJSONSchema(file, { io: "input", reused: "inline" }) };
}

/** The text of schema.json. */
export function jsonSchemaText(plugins: readonly Plugin[]): string {
  return `${JSON.stringify(jsonSchema(plugins), undefined, 2)}\n`;
}
