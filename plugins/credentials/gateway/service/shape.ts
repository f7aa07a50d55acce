import type { Feature } from "./features.ts";

/** What a place in a request may hold. */
export interface Shape {
  /** Names that mean something; what stands under them has this shape. */
  readonly keys?: Readonly<Record<string, Shape>>;
  /** Whether other names are findings too; else they may hold anything. */
  readonly strict?: boolean;
  /** What the elements of a list look like; as this shape says, when not given. */
  readonly each?: Shape;
  /** The feature that is asked for by standing here at all, with anything but null. */
  readonly feature?: Feature;
  /** Judges a text that stands here; undefined stands for one that is very long. */
  readonly judge?: (text: string | undefined) => Feature | `${string}:${string}` | undefined;
}

/** Anything. */
export const FREE: Shape = {};

type Kinds = readonly (readonly [pattern: RegExp, feature: Feature | undefined])[];

const BLOCKS: Kinds = [
  [/^(text|image|document|tool_use|tool_result|thinking|redacted_thinking|search_result|tool_reference|tool_addition|tool_removal|compaction|fallback)$/, undefined],
  // parts of searching among the client's own tools, which dials nobody
  [/^(tool_search_tool_result|server_tool_use)$/, undefined],
  [/^web_search/, "web_search"], [/^web_fetch/, "web_fetch"], [/^(bash_|text_editor_)?code_execution/, "code_execution"],
  [/^container_upload$/, "files"], [/^mcp_/, "mcp_servers"],
];
const SOURCES: Kinds = [[/^(base64|text|content)$/, undefined], [/^url$/, "url_sources"], [/^file$/, "files"]];
const TOOLS: Kinds = [
  [/^(custom|(bash|text_editor|computer|memory)_\d{8}|tool_search_tool_(regex|bm25)(_\d{8})?)$/, undefined],
  [/^web_search/, "web_search"], [/^web_fetch/, "web_fetch"], [/^code_execution/, "code_execution"], [/^mcp_/, "mcp_servers"],
];

function oneOf(kinds: Kinds, what: string): Shape {
  return {
    judge: (text = "") => {
      const found = kinds.find(([pattern]) => pattern.test(text));
      return found ? found[1] : `${what}:${text.slice(0, 60)}`;
    },
  };
}

const SOURCE: Shape = {
  keys: {
    type: oneOf(SOURCES, "source"),
    url: { feature: "url_sources" },
    file_id: { feature: "files" },
    // blocks in a source are as any others
    get content(): Shape { return CONTENT; },
  },
};
const TOOL: Shape = { keys: { type: oneOf(TOOLS, "tool") } };
const BLOCK: Shape = {
  keys: {
    type: oneOf(BLOCKS, "block"),
    // of a search result it is a text, which means nothing here
    source: SOURCE,
    get content(): Shape { return CONTENT; },
    file_id: { feature: "files" },
    tool: TOOL,
    tools: { each: TOOL },
  },
};
const CONTENT: Shape = { each: BLOCK, keys: BLOCK.keys ?? {} };
const MESSAGE: Shape = { keys: { content: CONTENT, tools: { each: TOOL } } };

const HARMLESS = [
  "model", "max_tokens", "stream", "temperature", "top_p", "top_k", "stop_sequences", "metadata", "thinking", "tool_choice", "service_tier",
  "context_management", "output_config", "output_format", "cache_control", "betas", "speed", "effort", "inference_geo", "diagnostics", "timing",
  "fallback_credit_token", "anthropic_version", "anthropic_beta",
] as const;

/** A request to answer a conversation or to count its tokens. What it may ask for is a list of what is known to be good. */
export const MESSAGES_REQUEST: Shape = {
  strict: true,
  keys: {
    ...Object.fromEntries(HARMLESS.map((name) => [name, FREE])),
    system: CONTENT,
    messages: { each: MESSAGE },
    tools: { each: TOOL },
    mcp_servers: { feature: "mcp_servers" },
    container: { feature: "code_execution" },
    // the same request for another model, with what differs
    get fallbacks(): Shape { return { each: { keys: MESSAGES_REQUEST.keys ?? {} } }; },
  },
};
