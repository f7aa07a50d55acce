import { failures } from "../support/errors.ts";

/** How a command line can be wrong (USAGE_…, exit status 2), and how its output can be lost. */
export const fail = failures({
  USAGE_COMMAND_UNKNOWN: (f: { word: string; suggestion: string; known: string }) => ({
    message: `There is no command "${f.word}".${f.suggestion}`,
    hint: `There are: ${f.known}. What is meant for the agent comes after "--".`,
  }),
  USAGE_OPTION_UNKNOWN: (f: { option: string; command: string; suggestion: string }) => ({
    message: `"cloche ${f.command}" has no option ${f.option}.${f.suggestion}`,
    hint: `See "cloche ${f.command} --help". What is meant for the agent comes after "--".`,
  }),
  USAGE_VALUE_MISSING: (f: { option: string; value: string; command: string }) => ({
    message: `The option ${f.option} needs a value: ${f.option} ${f.value}.`,
    hint: `See "cloche ${f.command} --help".`,
  }),
  USAGE_VALUE_UNWANTED: (f: { option: string; command: string }) => ({
    message: `The option ${f.option} takes no value.`,
    hint: `See "cloche ${f.command} --help".`,
  }),
  USAGE_WORD_UNWANTED: (f: { word: string; command: string; usage: string }) => ({
    message: `"cloche ${f.command}" does not know what to do with "${f.word}".`,
    hint: `Usage: cloche ${f.usage}`,
  }),
  USAGE_WORD_MISSING: (f: { name: string; command: string; usage: string }) => ({
    message: `"cloche ${f.command}" needs ${f.name}.`,
    hint: `Usage: cloche ${f.usage}`,
  }),
  USAGE_CONFLICT: (f: { first: string; second: string }) => ({
    message: `${f.first} and ${f.second} exclude each other.`,
    hint: "Give one of them.",
  }),
  USAGE_SET_FORM: (f: { given: string }) => ({
    message: `--set ${f.given} is not of the form KEY=VALUE.`,
    hint: `For example: --set machine.memory=4GiB. "cloche config" lists every key.`,
  }),
  USAGE_SHELL_UNKNOWN: (f: { shell: string; known: string }) => ({
    message: `There are no completions for "${f.shell}".`,
    hint: `Shells there are some for: ${f.known}.`,
  }),
  OUTPUT_LOST: (f: { stream: string; reason: string }) => ({
    message: `What belongs on ${f.stream} could not be written: ${f.reason}.`,
    hint: "See that the disk it goes to has space left.",
  }),
});
