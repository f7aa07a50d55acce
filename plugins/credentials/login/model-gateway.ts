import { fail } from "../failures.ts";
import type { Dialect } from "../gateway/options.ts";
import type { Source } from "../secrets/options.ts";

/** Another service than the agent's own, as the host's variables say. */
export interface ModelGateway {
  readonly dialect: Dialect;
  readonly host: string;
  readonly port: number;
  readonly base: string;
  /** Where the credential comes from; "asked" runs the command anew, since what it prints soon ends. */
  readonly credential: { readonly source: Source; readonly header: "x-api-key" | "authorization"; readonly asked: boolean };
  /** Further headers for each request. */
  readonly headers: readonly (readonly [string, string])[];
  /** Variables of the agent in the guest besides its credential. */
  readonly variables: Readonly<Record<string, string>>;
  /** The variable that holds its placeholder in the guest; undefined when the guest needs none. */
  readonly placeholderIn: string | undefined;
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
  return env["ANTHROPIC_BASE_URL"] ? baseUrl(env["ANTHROPIC_BASE_URL"], env, keySource) : undefined;
}

function baseUrl(text: string, env: HostEnv, keySource: Source): ModelGateway | undefined {
  const bad = (why: string) => fail("CREDENTIALS_SERVICE_UNUSABLE", { variable: "ANTHROPIC_BASE_URL", why });
  if (!URL.canParse(text)) throw bad("it is not an address");
  const { protocol, hostname, port, pathname, username, password, search } = new URL(text);
  if (protocol !== "https:") throw bad("only https is brokered, since the gateway takes the encryption off and puts it on again");
  if (username !== "" || password !== "" || search !== "") throw bad("it holds more than a host and a path");
  const base = pathname.replace(/\/+$/, "");
  if (!/^(\/[\w.-]+)*$/.test(base)) throw bad("its path is not a plain one");
  const isToken = Boolean(env["ANTHROPIC_AUTH_TOKEN"]);
  const source: Source = isToken ? { env: "ANTHROPIC_AUTH_TOKEN" } : keySource;
  return {
    dialect: "anthropic",
    host: hostname,
    port: port === "" ? 443 : Number(port),
    base,
    credential: { source, header: isToken ? "authorization" : "x-api-key", asked: false },
    headers: customHeaders(env["ANTHROPIC_CUSTOM_HEADERS"] ?? ""),
    variables: { ANTHROPIC_BASE_URL: `https://${hostname}${port === "" ? "" : `:${port}`}${base}`, ...models(env) },
    placeholderIn: isToken ? "ANTHROPIC_AUTH_TOKEN" : "AGENT_API_KEY",
  };
}

function bedrock(env: HostEnv): ModelGateway {
  const bad = (why: string) => fail("CREDENTIALS_SERVICE_UNUSABLE", { variable: "CLAUDE_CODE_USE_BEDROCK", why });
  if (!env["AWS_BEARER_TOKEN_BEDROCK"]) throw bad("requests that are signed with Amazon's keys cannot be brokered, since the signature is made inside; a key in AWS_BEARER_TOKEN_BEDROCK can");
  const region = env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? "us-east-1";
  if (!REGION.test(region)) throw bad("AWS_REGION is not the name of a region");
  return {
    dialect: "bedrock",
    host: `bedrock-runtime.${region}.amazonaws.com`,
    port: 443,
    base: "",
    credential: { source: { env: "AWS_BEARER_TOKEN_BEDROCK" }, header: "authorization", asked: false },
    headers: [],
    variables: { CLAUDE_CODE_USE_BEDROCK: "1", AWS_REGION: region, ...models(env) },
    placeholderIn: "AWS_BEARER_TOKEN_BEDROCK",
  };
}

function vertex(env: HostEnv): ModelGateway {
  const bad = (why: string) => fail("CREDENTIALS_SERVICE_UNUSABLE", { variable: "CLAUDE_CODE_USE_VERTEX", why });
  const region = env["CLOUD_ML_REGION"] ?? "global";
  const project = env["ANTHROPIC_VERTEX_PROJECT_ID"] ?? "";
  if (!REGION.test(region)) throw bad("CLOUD_ML_REGION is not the name of a region");
  if (!PROJECT.test(project)) throw bad("ANTHROPIC_VERTEX_PROJECT_ID is not the name of a project");
  return {
    dialect: "vertex",
    host: region === "global" ? "aiplatform.googleapis.com" : `${region}-aiplatform.googleapis.com`,
    port: 443,
    base: "",
    credential: { source: { command: ["gcloud", "auth", "print-access-token"] }, header: "authorization", asked: true },
    headers: [],
    variables: { CLAUDE_CODE_USE_VERTEX: "1", CLAUDE_CODE_SKIP_VERTEX_AUTH: "1", CLOUD_ML_REGION: region, ANTHROPIC_VERTEX_PROJECT_ID: project, ...models(env) },
    placeholderIn: undefined,
  };
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
