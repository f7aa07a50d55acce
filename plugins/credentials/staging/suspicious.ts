const SHAPES: readonly (readonly [what: string, shape: RegExp])[] = [
  ["an Anthropic key", /sk-ant-[\w-]{16,}/],
  ["an API key", /\bsk[-_](?:proj-|live_|test_|or-v1-)?[\w-]{20,}/],
  ["a GitHub token", /\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_\w{20,}/],
  ["a GitLab token", /\bgl(?:pat|oas|dt|rt|cbt|ptt|ft|imt|agent|soat)-[\w-]{20,}/],
  ["an npm token", /\bnpm_[A-Za-z0-9]{30,}/],
  ["a PyPI token", /\bpypi-[\w-]{40,}/],
  ["a Docker token", /\bdckr_(?:pat|oat)_[\w-]{20,}/],
  ["a Hugging Face token", /\bhf_[A-Za-z0-9]{30,}/],
  ["a key of Amazon", /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ["a key of Google", /\bAIza[\w-]{35}|\bya29\.[\w-]{20,}|\bGOCSPX-[\w-]{20,}/],
  ["a Slack token", /\bxox[abeoprs]-[\w-]{10,}|hooks\.slack\.com\/services\/\w+/],
  ["a SendGrid key", /\bSG\.[\w-]{16,}\.[\w-]{16,}/],
  ["a private key", /-----BEGIN [A-Z0-9 ]*PRIVATE KEY/],
  ["a signed token", /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/],
  ["a bearer token", /\bbearer\s+[\w.~+/-]{16,}/i],
  ["a password in an address", /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/@:'"<>{}$]{1,200}:[^\s/@'"<>{}$]{1,200}@/i],
];

// Letters of both cases and digits in one long run: what names and words do not look like.
const OPAQUE = /(?=[A-Za-z0-9+/_=]*[a-z])(?=[A-Za-z0-9+/_=]*[A-Z])(?=[A-Za-z0-9+/_=]*[0-9])[A-Za-z0-9+/_=]{24,}|\b[0-9a-f]{32,}\b/;

/** What a text seems to hold that should not cross: a token of a known shape; undefined when there is none. */
export function secretIn(text: string): string | undefined {
  return SHAPES.find(([, shape]) => shape.test(text))?.[0];
}

/** The same for a single value, where also any long run of mixed characters is a reason for doubt. */
export function secretInValue(value: string): string | undefined {
  return secretIn(value) ?? (OPAQUE.test(value) ? "a long run of random characters" : undefined);
}
