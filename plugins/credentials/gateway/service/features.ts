/**
 * What a request to the agent's service may ask it to do beyond answering, each refused unless the user names it: with these the
 * service dials, fetches, runs or keeps something for whoever asks.
 */
export const FEATURES = ["files", "mcp_servers", "url_sources", "web_search", "web_fetch", "code_execution", "batches", "feedback"] as const;

export type Feature = (typeof FEATURES)[number];

/** What each means, in the words of a refusal. */
export const MEANINGS: Readonly<Record<Feature, string>> = {
  files: "files kept by the service",
  mcp_servers: "MCP servers that the service dials",
  url_sources: "documents and images that the service fetches from an address",
  web_search: "the service's own web search",
  web_fetch: "pages that the service fetches",
  code_execution: "code that the service runs",
  batches: "requests that the service keeps and runs later",
  feedback: "conversations that are sent to the service's makers",
};

/** A refusal in words: what was asked for, and how the user can allow it. */
export function refusalOf(feature: string): string {
  const meaning = MEANINGS[feature as Feature];
  const what = meaning === undefined ? `"${feature}", which it does not know` : `"${feature}" (${meaning})`;
  return `cloche refuses ${what} in a request to the agent's service. The user can allow it: cloche config set credentials.service.allow '["${feature}"]'`;
}
