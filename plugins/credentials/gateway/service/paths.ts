import type { Dialect } from "../options.ts";
import type { Feature } from "./features.ts";

/** What a request to the agent's service is about. */
export type Errand =
  /** Its body is a conversation. */
  | { readonly kind: "messages" }
  /** It is one of the calls that the agent makes besides. */
  | { readonly kind: "call" }
  /** It is for something that the user has not allowed. */
  | { readonly kind: "refused"; readonly feature: string };

type Row = readonly [methods: RegExp, path: RegExp, feature?: Feature];

const READ = /^(GET|HEAD)$/;
const POST = /^POST$/;

/** What the agent needs: its conversations, its models, and what it asks of its own host when it starts and while it runs. */
const GOOD: readonly Row[] = [
  [READ, /^\/v1\/models(\/[\w.:@[\]-]{1,100})?$/],
  [READ, /^\/api\/hello$/],
  [READ, /^\/api\/directory\/server-urls$/],
  [READ, /^\/api\/claude_cli\/bootstrap$/],
  [READ, /^\/api\/claude_cli_profile$/],
  [READ, /^\/api\/claude_code_penguin_mode$/],
  [READ, /^\/api\/claude_code_grove$/],
  [READ, /^\/api\/claude_code\/(settings|policy_limits|organizations\/metrics_enabled)$/],
  [READ, /^\/api\/organization\/claude_code_first_token_date$/],
  [READ, /^\/api\/oauth\/(profile|usage|account\/settings|claude_cli\/roles)$/],
  [POST, /^\/api\/event_logging(\/v2)?\/batch$/],
  [POST, /^\/api\/eval(-authed)?\/[\w-]{1,100}$/],
  [POST, /^\/api\/claude_code\/metrics$/],
];

/** What the user can allow by name. */
const FEATURES: readonly Row[] = [
  [/./, /^\/v1\/files(\/|$)/, "files"],
  [/./, /^\/api\/oauth\/(files|file_upload)(\/|$)/, "files"],
  [/./, /^\/v1\/messages\/batches(\/|$)/, "batches"],
  [/./, /^\/v1\/(mcp|mcp_servers|toolbox)(\/|$)/, "mcp_servers"],
  [READ, /^\/api\/web\/domain_info$/, "web_fetch"],
  [POST, /^\/api\/(claude_cli_feedback|claude_code_shared_session_transcripts)$/, "feedback"],
];

/** Where conversations go at Amazon and Google, as whole paths. */
const MODELS: Readonly<Record<Exclude<Dialect, "anthropic">, RegExp>> = {
  bedrock: /^\/model\/(?!\.)(?:[\w.:-]|%3A|%2F){1,200}\/invoke(-with-response-stream)?$/,
  vertex: /^\/v1\/projects\/[\w-]{1,60}\/locations\/[\w-]{1,40}\/publishers\/anthropic\/models\/[\w.@-]{1,100}:(rawPredict|streamRawPredict)$/,
};

// One way to write a path: no doubled slashes, dots, semicolons or escapes, which servers read differently.
const PLAIN = /^(\/[\w.:@[\]-]*)+$/;

/** Judges a request's method and path, which may have a query, below the service's own base path such as "" or "/anthropic". */
export function errandOf(method: string, path: string, { base, dialect }: { readonly base: string; readonly dialect: Dialect }, allowed: ReadonlySet<string>): Errand {
  const [full = ""] = path.split("?", 1);
  if (dialect !== "anthropic") return POST.test(method) && MODELS[dialect].test(full) ? { kind: "messages" } : { kind: "refused", feature: `path:${full.slice(0, 100)}` };
  if (!full.startsWith(base)) return { kind: "refused", feature: `path:${full.slice(0, 100)}` };
  const below = full.slice(base.length);
  if (!PLAIN.test(below) || /\/\.|\/\/|\/$/.test(below)) return below === "/" && READ.test(method) ? { kind: "call" } : { kind: "refused", feature: `path:${full.slice(0, 100)}` };
  if (POST.test(method) && /^\/v1\/messages(\/count_tokens)?$/.test(below)) return { kind: "messages" };
  const fits = ([methods, pattern]: Row): boolean => methods.test(method) && pattern.test(below);
  if (GOOD.some(fits)) return { kind: "call" };
  const feature = FEATURES.find(fits)?.[2] ?? `path:${below.slice(0, 100)}`;
  return allowed.has(feature) ? { kind: "call" } : { kind: "refused", feature };
}
