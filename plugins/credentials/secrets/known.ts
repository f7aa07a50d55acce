/** Ready-made entries of the table of secrets; whoever names one of them need say no more than what differs. */
export const KNOWN: Readonly<Record<string, Known>> = {
  openai: { source: { env: "OPENAI_API_KEY" }, hosts: ["api.openai.com"], place: [{ header: "authorization" }], variable: "OPENAI_API_KEY" },
  google: { source: { env: "GEMINI_API_KEY" }, hosts: ["generativelanguage.googleapis.com"], place: [{ header: "x-goog-api-key" }, { query: "key" }], variable: "GEMINI_API_KEY" },
  github: { source: { env: "GITHUB_TOKEN" }, hosts: ["api.github.com", "uploads.github.com"], place: [{ header: "authorization" }, "basic"], variable: "GITHUB_TOKEN" },
  // which registry it is for is the user's to say
  npm: { source: { env: "NPM_TOKEN" }, place: [{ header: "authorization" }], variable: "NPM_TOKEN" },
};

/** One of them. */
export interface Known {
  readonly source: { readonly env: string };
  readonly hosts?: readonly string[];
  readonly place: readonly ("basic" | { readonly header: string } | { readonly query: string })[];
  readonly variable: string;
}
