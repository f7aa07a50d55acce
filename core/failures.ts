import { failures } from "./support/errors.ts";

/** How the life of a session and its plugins can fail. */
export const fail = failures({
  PLUGIN_FAILED: (f: { plugin: string; phase: string; reason: string; hint: string | undefined }) => ({
    message: `The plugin "${f.plugin}" failed in ${f.phase}: ${f.reason}`,
    hint: f.hint ?? `Disable it with "cloche plugin disable ${f.plugin}", or see more with DEBUG=cloche:*.`,
  }),
  PLUGIN_LATE: (f: { plugin: string; phase: string; deadlineMs: number }) => ({
    message: `The plugin "${f.plugin}" did not finish ${f.phase} within ${f.deadlineMs / 1000} s.`,
    hint: `Disable it with "cloche plugin disable ${f.plugin}", or see where it stands with DEBUG=cloche:*.`,
  }),
  PLUGIN_GAVE_UP: (f: { plugin: string; reason: string; hint: string | undefined }) => ({
    message: `The plugin "${f.plugin}" ended the session: ${f.reason}`,
    hint: f.hint ?? "Start again; see more with DEBUG=cloche:*.",
  }),
  PLUGIN_ORDER_UNKNOWN: (f: { plugin: string; file: string; after: string; known: string }) => ({
    message: `The plugin "${f.plugin}"${f.file} wants to come after "${f.after}", which does not exist.`,
    hint: `Correct its "after"; plugins there are: ${f.known}.`,
  }),
  PLUGIN_ORDER_CYCLE: (f: { plugins: string }) => ({
    message: `The plugins ${f.plugins} each want to come after the other.`,
    hint: "Take one of their `after` entries out.",
  }),
  PLUGIN_SPEC: (f: { plugin: string; problem: string }) => ({
    message: `The plugin "${f.plugin}" is not right: ${f.problem}`,
    hint: "Correct it; docs/plugin-api.md says what a plugin can be made of.",
  }),
  PLUGIN_PHASE_UNKNOWN: (f: { plugin: string; phase: string; suggestion: string; known: string }) => ({
    message: `The plugin "${f.plugin}" taps the phase "${f.phase}", which does not exist.${f.suggestion}`,
    hint: `Phases there are: ${f.known}.`,
  }),
  PLUGIN_NEEDS_OFF: (f: { plugin: string; needs: string; file: string; state: string }) => ({
    message: `The plugin "${f.plugin}"${f.file} needs the plugin "${f.needs}", which ${f.state}.`,
    hint: `Enable both, or disable "${f.plugin}": cloche plugin enable ${f.needs}.`,
  }),
  PLUGIN_SERVICE_MISSING: (f: { plugin: string; service: string }) => ({
    message: `The plugin "${f.plugin}" needs the service "${f.service}", which no enabled plugin provides.`,
    hint: `Enable the plugin that provides it, or disable "${f.plugin}".`,
  }),
  PLUGIN_SERVICE_TWICE: (f: { plugin: string; service: string }) => ({
    message: `The plugin "${f.plugin}" provides the service "${f.service}", which another plugin provides already.`,
    hint: "Disable one of the two.",
  }),
  AGENT_TWICE: (f: { first: string; second: string }) => ({
    message: `Two plugins want to be the agent: "${f.first}" and "${f.second}".`,
    hint: `Disable one of them with "cloche plugin disable".`,
  }),
  AGENT_MISSING: (_: Record<string, never>) => ({
    message: "No enabled plugin provides an agent to run.",
    hint: `Enable one with "cloche plugin enable claude", or use "cloche shell".`,
  }),
  ENVIRONMENT_CONFLICT: (f: { name: string }) => ({
    message: `Two plugins set the variable ${f.name} to different values.`,
    hint: `Disable one of them; "cloche plugin list" shows which are enabled.`,
  }),
});
