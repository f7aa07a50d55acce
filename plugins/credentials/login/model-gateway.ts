import { fail } from "../failures.ts";
import type { Dialect } from "../gateway/options.ts";
import type { Source } from "../secrets/options.ts";
import { readBaseUrl } from "./base-url.ts";

/** Another service than the agent's own, as the host's variables say. */
export interface ModelGateway {
  readonly dialect: Dialect;
  readonly host: string;
  readonly port: number;
  readonly base: string;
  /** Where the gateway dials instead, and without TLS, because the user's address says so. */
  readonly plain?: { readonly address?: string; readonly port: number };
  /** Where the credential comes from; "asked" runs the command anew, since what it prints soon ends. */
  readonly credential:
    | { readonly source: Source; readonly header: "x-api-key" | "authorization"; readonly asked: boolean }
    /** Keys of Amazon's, with which requests are signed. */
    | { readonly keyId: Source; readonly secretKey: Source; readonly sessionToken: Source | undefined; readonly region: string };
  /** Further headers for each request. */
  readonly headers: readonly (readonly [string, string])[];
  /** Variables of the agent in the guest besides its credential. */
  readonly variables: Readonly<Record<string, string>>;
  /** The variable that holds its placeholder in the guest; undefined when the guest needs none, or more than one. */
  readonly placeholderIn: string | undefined;
  /** In the user's words. */
  readonly shown: string;
}

type HostEnv = Readonly<Record<string, string | undefined>>;

const REGION = /^[a-z]{2,}(-[a-z0-9]+)*$|^global$/;
const PROJECT = /^[a-z][a-z0-9-]{4,40}$/;
const MODELS = ["ANTHROPIC_MODEL", "ANTHROPIC_SMALL_FAST_MODEL", "ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_DEFAULT_SONNET_MODEL", "ANTHROPIC_DEFAULT_HAIKU_MODEL"];
const MODEL = /^[\w.:@/-]{1,200}$/;

/** The service that the host's variables name; undefined for the agent's own. Throws CREDENTIALS_SERVICE_UNUSABLE for what cannot be brokered. */
export function readModelGateway(env: HostEnv, keySource: Source): ModelGateway | undefined {
  if (isOn(env["CLAUDE_CODE_USE_BEDROCK"])) return bedrock(env);
  if (isOn(env["CLAUDE_CODE_USE_VERTEX"])) return vertex(env);
  return env["ANTHROPIC_BASE_URL"] ? atBaseUrl(env["ANTHROPIC_BASE_URL"], env, keySource) : undefined;
}

function atBaseUrl(text: string, env: HostEnv, keySource: Source): ModelGateway {
  const { host, port, base, shown, plain } = readBaseUrl(text);
  const isToken = Boolean(env["ANTHROPIC_AUTH_TOKEN"]);
  const source: Source = isToken ? { env: "ANTHROPIC_AUTH_TOKEN" } : keySource;
  return {
    dialect: "anthropic",
    host,
    port,
    base,
    ...(plain && { plain }),
    shown,
    credential: { source, header: isToken ? "authorization" : "x-api-key", asked: false },
    headers: customHeaders(env["ANTHROPIC_CUSTOM_HEADERS"] ?? ""),
    variables: { ANTHROPIC_BASE_URL: `https://${host}${port === 443 ? "" : `:${port}`}${base}`, ...models(env) },
    placeholderIn: isToken ? "ANTHROPIC_AUTH_TOKEN" : "AGENT_API_KEY",
  };
}

function bedrock(env: HostEnv): ModelGateway {
  const bad = (why: string) => fail("CREDENTIALS_SERVICE_UNUSABLE", { variable: "CLAUDE_CODE_USE_BEDROCK", why });
  refuseOtherAddress(env, "ANTHROPIC_BEDROCK_BASE_URL");
  const region = env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? "us-east-1";
  if (!REGION.test(region)) throw bad("AWS_REGION is not the name of a region");
  const isSigned = !env["AWS_BEARER_TOKEN_BEDROCK"];
  if (isSigned && !(env["AWS_ACCESS_KEY_ID"] && env["AWS_SECRET_ACCESS_KEY"])) {
    throw bad(`a key in AWS_BEARER_TOKEN_BEDROCK or keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY can be brokered; profiles, single sign-on and roles cannot, but \`eval "$(aws configure export-credentials --format env)"\` puts their keys into these variables`);
  }
  const host = `bedrock-runtime.${region}.amazonaws.com`;
  return {
    dialect: "bedrock",
    host,
    port: 443,
    base: "",
    shown: host,
    credential: isSigned
      ? { keyId: { env: "AWS_ACCESS_KEY_ID" }, secretKey: { env: "AWS_SECRET_ACCESS_KEY" }, sessionToken: env["AWS_SESSION_TOKEN"] ? { env: "AWS_SESSION_TOKEN" } : undefined, region }
      : { source: { env: "AWS_BEARER_TOKEN_BEDROCK" }, header: "authorization", asked: false },
    headers: [],
    variables: { CLAUDE_CODE_USE_BEDROCK: "1", AWS_REGION: region, ...models(env) },
    placeholderIn: isSigned ? undefined : "AWS_BEARER_TOKEN_BEDROCK",
  };
}

function vertex(env: HostEnv): ModelGateway {
  const bad = (why: string) => fail("CREDENTIALS_SERVICE_UNUSABLE", { variable: "CLAUDE_CODE_USE_VERTEX", why });
  refuseOtherAddress(env, "ANTHROPIC_VERTEX_BASE_URL");
  const region = env["CLOUD_ML_REGION"] ?? "global";
  const project = env["ANTHROPIC_VERTEX_PROJECT_ID"] ?? "";
  if (!REGION.test(region)) throw bad("CLOUD_ML_REGION is not the name of a region");
  if (!PROJECT.test(project)) throw bad("ANTHROPIC_VERTEX_PROJECT_ID is not the name of a project");
  const host = region === "global" ? "aiplatform.googleapis.com" : `${region}-aiplatform.googleapis.com`;
  return {
    dialect: "vertex",
    host,
    port: 443,
    base: "",
    shown: host,
    credential: { source: { command: ["gcloud", "auth", "print-access-token"] }, header: "authorization", asked: true },
    headers: [],
    variables: { CLAUDE_CODE_USE_VERTEX: "1", CLAUDE_CODE_SKIP_VERTEX_AUTH: "1", CLOUD_ML_REGION: region, ANTHROPIC_VERTEX_PROJECT_ID: project, ...models(env) },
    placeholderIn: undefined,
  };
}

/** Amazon's and Google's services at another address: they would be spoken to where the user does not mean. */
function refuseOtherAddress(env: HostEnv, variable: string): void {
  if (env[variable]) throw fail("CREDENTIALS_SERVICE_UNUSABLE", { variable, why: "another address than Amazon's or Google's own is brokered for ANTHROPIC_BASE_URL alone" });
}

/** `Name: value` in each line, as the agent takes it. */
function customHeaders(text: string): readonly (readonly [string, string])[] {
  return text.split("\n").filter((line) => line.trim() !== "").map((line) => {
    const [, name = "", value = ""] = /^\s*([A-Za-z0-9-]{1,100})\s*:\s*([\x20-\x7e]{0,4096}?)\s*$/.exec(line) ?? [];
    if (name === "" || /^(host|content-length|transfer-encoding|connection)$/i.test(name)) {
      throw fail("CREDENTIALS_SERVICE_UNUSABLE", { variable: "ANTHROPIC_CUSTOM_HEADERS", why: "a line of it is not a header" });
    }
    return [name, value] as const;
  });
}

function models(env: HostEnv): Record<string, string> {
  return Object.fromEntries(MODELS.flatMap((name) => (MODEL.test(env[name] ?? "") ? [[name, env[name] ?? ""]] : [])));
}

function isOn(value: string | undefined): boolean {
  return value === "1" || value?.toLowerCase() === "true";
}
