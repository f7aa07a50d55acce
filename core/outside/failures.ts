import { failures } from "../support/errors.ts";

/** How loading a plugin that did not come with cloche can fail; each names the file, or what stands in the configuration. */
export const fail = failures({
  PLUGIN_NOT_FOUND: (f: { specifier: string; where: string | undefined; reason: string }) => ({
    message: `The plugin "${f.specifier}"${f.where === undefined ? "" : `, which ${f.where} loads,`} is not there: ${f.reason}.`,
    hint:
      f.where === undefined
        ? "Name the plugin's file, or the folder that has its index.js or index.ts; \"cloche plugin new NAME\" writes one."
        : 'Write a path (one with "./" begins at the directory of your configuration) or the name of an installed package, or take it out of "load".',
  }),
  PLUGIN_NOT_LOADED: (f: { file: string; reason: string }) => ({
    message: `The plugin ${f.file} does not load: ${f.reason}`,
    hint: 'Correct it, or take it out of "load"; "cloche plugin test FILE" tries it alone.',
  }),
  PLUGIN_NO_EXPORT: (f: { file: string; found: string }) => ({
    message: `${f.file} is not a plugin: it exports ${f.found} by default.`,
    hint: 'Export what definePlugin answers: export default definePlugin({ … }), imported from "cloche".',
  }),
  PLUGIN_API: (f: { file: string; wanted: string; ours: number }) => ({
    message: `The plugin ${f.file} is written for ${f.wanted} of the plugin interface, and this cloche has version ${f.ours}.`,
    hint: `Get a version of it for this one; if it is yours, see docs/plugin-api.md and write "api: ${f.ours}".`,
  }),
  PLUGIN_OPTION_UNKNOWN: (f: { file: string; option: string; suggestion: string; known: readonly string[] }) => ({
    message: `The plugin ${f.file} asks for the option "${f.option}", which it does not have.${f.suggestion}`,
    hint: `Its options are: ${f.known.join(", ") || "none"}. Add this one to them, or correct its name in the plugin.`,
  }),
  PLUGIN_NAME_TAKEN: (f: { file: string; name: string; what: string; by: string }) => ({
    message: `The plugin ${f.file} has the ${f.what} "${f.name}", which belongs to ${f.by}.`,
    hint: 'Give it another one, or take one of the two out of "load".',
  }),
  PLUGIN_TYPESCRIPT: (f: { file: string; node: string }) => ({
    message: `The plugin ${f.file} is TypeScript, which Node ${f.node} here does not run.`,
    hint: "Use Node 22.18 or later, or compile the plugin to JavaScript.",
  }),
  PLUGIN_IN_PROJECT: (f: { file: string; project: string }) => ({
    message: `The plugin ${f.file} lies in the project ${f.project}, where the agent can change it, and so is not loaded from there.`,
    hint: 'Move it out of the project; or let the project\'s own configuration "load" it, and answer with "cloche trust".',
  }),
  PLUGIN_EXPOSED: (f: { file: string; reason: string; command: string }) => ({
    message: `The plugin ${f.file} is not loaded, because ${f.reason}.`,
    hint: `Anybody who can change it could run programs as you. Look at what it does, then run: ${f.command}`,
  }),
  PLUGIN_CONTRACT: (f: { file: string; problems: readonly string[] }) => ({
    message: `The plugin ${f.file} does not keep the contract:\n${f.problems.map((line) => `  ${line}`).join("\n")}`,
    hint: "Correct these; docs/plugin-api.md says what a plugin can be made of.",
  }),
  PLUGIN_NEW_NAME: (f: { name: string }) => ({
    message: `"${f.name}" cannot be the name of a plugin.`,
    hint: 'Take small letters, digits and dashes, beginning with a letter, such as "my-tools".',
  }),
  PLUGIN_NEW_TAKEN: (f: { folder: string }) => ({
    message: `${f.folder} is there already, and is left as it is.`,
    hint: 'Take another name, or another place with "--in DIRECTORY".',
  }),
});
