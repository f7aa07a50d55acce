import { BOOLEAN, integer, list, object, oneOf, record, text, type Pick } from "./pick.ts";

/** A line that people read, such as the name of a style: letters of any language, no control characters. */
export const LINE = /^[\p{L}\p{N} .,:;!?()'+&/_-]{1,200}$/u;
/** A model's name, also Amazon's and Google's. */
const MODEL = /^[A-Za-z][\w.:@/[\]-]{0,150}$/;
/** A rule of permissions: a tool, and in parentheses what it is about. */
const RULE = /^[A-Za-z_][\w*-]{0,100}(\([^()\p{Cc}]{0,200}\))?$/u;
const DAY_MS = 86_400_000;

/** Variables of the settings' own environment that name no secret and run nothing, by what their values must be. */
const ENVIRONMENT: Readonly<Record<string, Pick>> = {
  ...named(["MAX_THINKING_TOKENS", "CLAUDE_CODE_MAX_OUTPUT_TOKENS", "MAX_MCP_OUTPUT_TOKENS", "BASH_DEFAULT_TIMEOUT_MS", "BASH_MAX_TIMEOUT_MS",
    "BASH_MAX_OUTPUT_LENGTH", "MCP_TIMEOUT", "MCP_TOOL_TIMEOUT", "API_TIMEOUT_MS", "CLAUDE_CODE_FILE_READ_MAX_OUTPUT_TOKENS"], text(/^\d{1,9}$/)),
  ...named(["DISABLE_TELEMETRY", "DISABLE_ERROR_REPORTING", "DISABLE_COST_WARNINGS", "DISABLE_BUG_COMMAND", "DISABLE_PROMPT_CACHING",
    "CLAUDE_CODE_DISABLE_TERMINAL_TITLE", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "CLAUDE_BASH_MAINTAIN_PROJECT_WORKING_DIR",
    "CLAUDE_CODE_DISABLE_BACKGROUND_TASKS", "CLAUDE_CODE_EXPERIMENTAL_AGENT_TEAMS"], text(/^(0|1|true|false)$/)),
  ...named(["ANTHROPIC_MODEL", "ANTHROPIC_SMALL_FAST_MODEL", "ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_DEFAULT_SONNET_MODEL",
    "ANTHROPIC_DEFAULT_HAIKU_MODEL", "CLAUDE_CODE_SUBAGENT_MODEL"], text(MODEL)),
};

/**
 * What of the agent's settings may cross. Nothing that runs a program, holds a secret or names a place of the host; what runs a
 * program is judged apart, by what it runs.
 */
export const SETTINGS: Pick = object({
  ...named(["includeCoAuthoredBy", "alwaysThinkingEnabled", "spinnerTipsEnabled", "prefersReducedMotion", "showTurnDuration", "verbose",
    "respectGitignore", "terminalProgressBarEnabled", "autoCompactEnabled", "fileCheckpointingEnabled", "autoMemoryEnabled",
    "showThinkingSummaries", "syntaxHighlightingDisabled", "autoScrollEnabled", "fastMode", "includeGitInstructions"], BOOLEAN),
  cleanupPeriodDays: integer(0, 3650),
  model: text(MODEL),
  availableModels: list(text(MODEL)),
  outputStyle: text(LINE),
  language: text(LINE),
  effortLevel: oneOf("low", "medium", "high", "xhigh", "max"),
  editorMode: oneOf("normal", "vim"),
  theme: oneOf("dark", "light", "light-daltonized", "dark-daltonized", "light-ansi", "dark-ansi", "auto"),
  attribution: object({ commit: text(LINE), pr: text(LINE) }),
  permissions: object({ deny: list(text(RULE)), ask: list(text(RULE)), allow: list(text(RULE)) }),
  env: object(ENVIRONMENT),
});

/** The switches of the agent's plugins; they cross when the plugins themselves do. */
export const ENABLED_PLUGINS: Pick = record(/^[\w.-]{1,100}@[\w.-]{1,100}$/, BOOLEAN);

const STYLE = oneOf("auto", "iterm2", "iterm2_with_bell", "terminal_bell", "kitty", "ghostty", "notifications_disabled");

/** What of the agent's state file may cross: how it looks and what it has shown already. No history, no account, no keys. */
export const PREFERENCES: Pick = object({
  ...named(["verbose", "autoCompactEnabled", "autoScrollEnabled", "showTurnDuration", "showMessageTimestamps", "externalEditorContext",
    "hasCompletedOnboarding", "hasSeenTasksHint", "hasUsedStash", "hasUsedBackgroundTask", "todoFeatureEnabled", "showExpandedTodos",
    "briefTranscript", "fileCheckpointingEnabled", "terminalProgressBarEnabled", "respectGitignore", "copyFullResponse",
    "hasAcknowledgedCostThreshold"], BOOLEAN),
  ...named(["numStartups", "queuedCommandUpHintCount", "memoryUsageCount", "promptQueueUseCount", "btwUseCount"], integer(0, 1_000_000)),
  theme: oneOf("dark", "light", "light-daltonized", "dark-daltonized", "light-ansi", "dark-ansi", "auto"),
  editorMode: oneOf("normal", "vim", "emacs"),
  preferredNotifChannel: STYLE,
  diffTool: oneOf("auto", "terminal"),
  lastOnboardingVersion: text(/^\d{1,4}\.\d{1,4}\.\d{1,6}$/),
  messageIdleNotifThresholdMs: integer(0, DAY_MS),
});

/** What of the state file's entry for this project may cross: whether the user trusts it. */
export const PROJECT_TRUST: Pick = object(named(["hasTrustDialogAccepted", "hasClaudeMdExternalIncludesApproved", "hasClaudeMdExternalIncludesWarningShown",
  "hasCompletedProjectOnboarding"], BOOLEAN));

/** What of the key bindings may cross: names of contexts, keys and actions. */
export const KEY_BINDINGS: Pick = object({
  bindings: list(object({ context: text(/^[A-Za-z]{1,40}$/), bindings: record(/^[^\p{Cc}]{1,40}$/u, keyAction) }, ["context", "bindings"])),
}, ["bindings"]);

const ACTION = text(/^[A-Za-z]{1,40}:[A-Za-z0-9_-]{1,60}$/);

// null takes a binding away
function keyAction(...[value, at, left]: Parameters<Pick>): unknown {
  return value === null ? null : ACTION(value, at, left);
}

function named(names: readonly string[], pick: Pick): Readonly<Record<string, Pick>> {
  return Object.fromEntries(names.map((name) => [name, pick]));
}
