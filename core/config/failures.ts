import { failures } from "../support/errors.ts";

const PLACES = "a file called .clocherc.json";

/** How finding, reading, trusting and changing the configuration can fail. */
export const fail = failures({
  CONFIG_INVALID: (f: { problems: readonly string[] }) => ({
    message: `The configuration is not valid:\n${f.problems.map((line) => `  ${line}`).join("\n")}`,
    hint: `Correct it there; "cloche config" and schema.json list every option.`,
  }),
  CONFIG_CODE: (f: { file: string }) => ({
    message: `${f.file} is code that came with the project, and no such code runs on the host.`,
    hint: `Write the configuration as data, in ${PLACES}, or move what is yours to your own configuration; or delete the file.`,
  }),
  CONFIG_PLACE: (f: { file: string; instead: string }) => ({
    message: `${f.file} is not a place that cloche reads configuration from.`,
    hint: `Rename it to ${f.instead}, or delete it, so that nobody believes it is in force.`,
  }),
  CONFIG_TWICE: (f: { files: readonly string[] }) => ({
    message: `There is more than one configuration: ${f.files.join(" and ")}.`,
    hint: "Keep one of them, so that nobody has to guess which is in force.",
  }),
  CONFIG_REACHES_OUT: (f: { file: string; key: string }) => ({
    message: `${f.file} uses "${f.key}", which loads other files.`,
    hint: "Write the options themselves into this file.",
  }),
  CONFIG_LINK_OUT: (f: { file: string; project: string }) => ({
    message: `${f.file} is a link, or lies below one, that leads out of the project ${f.project}.`,
    hint: "Replace the link by a file of its own, or delete it.",
  }),
  CONFIG_NOT_A_FILE: (f: { file: string; kind: string }) => ({
    message: `${f.file} should be a file and is ${f.kind}.`,
    hint: "Replace it by a file, or delete it.",
  }),
  CONFIG_TOO_BIG: (f: { file: string; limitKiB: number }) => ({
    message: `${f.file} is larger than the ${f.limitKiB} KiB that a configuration may have.`,
    hint: "Take out what does not belong there, or delete the file.",
  }),
  CONFIG_NOT_UTF8: (f: { file: string }) => ({
    message: `${f.file} is not UTF-8 text.`,
    hint: "Save it as UTF-8 without other bytes, or delete it.",
  }),
  CONFIG_SYNTAX: (f: { file: string; format: string; reason: string }) => ({
    message: `${f.file} is not valid ${f.format}: ${f.reason}`,
    hint: "Correct it, or delete the file.",
  }),
  CONFIG_NOT_PLAIN: (f: { file: string; what: string }) => ({
    message: `${f.file} holds ${f.what}.`,
    hint: "A configuration is an object of plain values: text, numbers, true, false, lists and objects.",
  }),
  CONFIG_UNREADABLE: (f: { file: string; reason: string }) => ({
    message: `${f.file} cannot be read: ${f.reason}.`,
    hint: "Give yourself the right to read it, or delete it.",
  }),
  CONFIG_LATE: (f: { file: string; deadlineMs: number }) => ({
    message: `${f.file} was not read within ${f.deadlineMs / 1000} s.`,
    hint: "Look at what it waits for, or delete it.",
  }),
  CONFIG_EXPOSED: (f: { file: string; reason: string; command: string }) => ({
    message: `Your configuration ${f.file} is not used, because ${f.reason}.`,
    hint: `Anybody who can change it could run programs as you. Look at what it says, then run: ${f.command}`,
  }),
  CONFIG_FAILED: (f: { file: string; reason: string }) => ({
    message: `Your configuration ${f.file} failed when it was run: ${f.reason}`,
    hint: "Correct it; it must export one plain object by default.",
  }),
  CONFIG_VARIABLE_UNKNOWN: (f: { variable: string; suggestion: string }) => ({
    message: `The environment variable ${f.variable} is not an option of cloche.${f.suggestion}`,
    hint: `Unset it; every option's variable is CLOCHE_ and its name in capitals, such as CLOCHE_MACHINE_MEMORY.`,
  }),
  CONFIG_OPTION_UNKNOWN: (f: { key: string; suggestion: string; known: string }) => ({
    message: `There is no option "${f.key}".${f.suggestion}`,
    hint: `There are: ${f.known}.`,
  }),
  CONFIG_VALUE_INVALID: (f: { key: string; where: string; reason: string }) => ({
    message: `${f.where} gives "${f.key}" a value that it cannot have: ${f.reason}`,
    hint: `"cloche config get ${f.key}" says what the option is for.`,
  }),
  CONFIG_NOT_EDITABLE: (f: { file: string; why: string; addition: string }) => ({
    message: `${f.file} is left as it is, because ${f.why}.`,
    hint: `Add this to it yourself:\n${f.addition}`,
  }),
  CONFIG_NOT_WRITTEN: (f: { file: string; reason: string }) => ({
    message: `${f.file} could not be written: ${f.reason}.`,
    hint: "It is unchanged. See that its directory is yours, writable, and on a disk with space left.",
  }),
  PLUGIN_UNKNOWN: (f: { name: string; suggestion: string; known: string }) => ({
    message: `There is no plugin "${f.name}".${f.suggestion}`,
    hint: `There are: ${f.known}.`,
  }),
  PLUGIN_UNAVAILABLE: (f: { name: string; reason: string; where: string }) => ({
    message: `The plugin "${f.name}" cannot be enabled: ${f.reason}`,
    hint: `It is enabled by ${f.where}; take that out, or run "cloche plugin disable ${f.name}".`,
  }),
  PLUGIN_BROKEN: (f: { file: string; reason: string }) => ({
    message: `${f.file} is not a plugin: ${f.reason}`,
    hint: "Install cloche again; if you wrote the plugin, export the result of definePlugin by default, named as its folder.",
  }),
  DIRECTORY_NOT_OURS: (f: { directory: string; reason: string; variable: string }) => ({
    message: `${f.directory} cannot be used: ${f.reason}.`,
    hint: `Look at who made it and remove it, or set ${f.variable} to a directory of your own.`,
  }),
  PROJECT_MISSING: (f: { directory: string; reason: string }) => ({
    message: `There is no project at ${f.directory}: ${f.reason}.`,
    hint: "Change to the directory of your project, or name it with -C DIRECTORY.",
  }),
  PROJECT_REFUSED: (f: { directory: string; reason: string }) => ({
    message: `${f.directory} cannot be the project, because it is ${f.reason}; the agent would get all of it.`,
    hint: "Change to the directory of one project, or name it with -C DIRECTORY.",
  }),
  PROJECT_NO_ACCESS: (f: { directory: string; right: string; reason: string }) => ({
    message: `The project ${f.directory} is not ${f.right} for you: ${f.reason}.`,
    hint: "Take a project that is yours, or change its owner or mode.",
  }),
});
