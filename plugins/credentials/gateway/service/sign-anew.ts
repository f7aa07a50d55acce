import type { PassingRequest } from "../contracts.ts";
import type { SigningOptions } from "../options.ts";
import { awsSignature } from "./aws-signature.ts";

const SERVICE = "bedrock";
const GIVEN = /^AWS4-HMAC-SHA256 Credential=([A-Za-z0-9]{16,128})\/\d{8}\/([a-z0-9-]{1,40})\/([a-z0-9-]{1,40})\/aws4_request,\s*SignedHeaders=[a-z0-9;-]{1,2000},\s*Signature=[0-9a-f]{64}$/;
const HASH = /^[0-9a-f]{64}$/;
const NOT_OURS = "cloche refuses a signature for the agent's service that was not made with this session's key: whoever it belongs to could receive data by it.";

/**
 * Signs a request anew, with the user's keys and the host's clock, when it was signed with the session's placeholders; else it
 * answers why not. The body's hash is the one that the guest sent along: Amazon refuses a body that does not fit it.
 */
export function signAnew(request: PassingRequest, { keyId, secretKey, sessionToken, region, placeholder }: SigningOptions, now: Date): string | undefined {
  const { headers, method, path, name } = request;
  const given = headers.getAll("authorization");
  const [, id, itsRegion, service] = GIVEN.exec(given[0] ?? "") ?? [];
  if (given.length !== 1 || id !== placeholder || itsRegion !== region || service !== SERVICE) return NOT_OURS;
  const hash = headers.get("x-amz-content-sha256") ?? "";
  if (!HASH.test(hash)) return "cloche refuses a signed request to the agent's service without the hash of its body.";
  if (path.includes("?")) return "cloche refuses a signed request to the agent's service that has a query.";
  headers.delete("x-amz-security-token");
  headers.set("x-amz-date", now.toISOString().replace(/[-:]|\.\d+/g, ""));
  if (sessionToken !== undefined) headers.set("x-amz-security-token", sessionToken);
  const isSigned = (field: string): boolean => field === "content-type" || field.startsWith("x-amz-");
  const fields = new Map(headers.entries().map(([field]) => field.toLowerCase()).filter(isSigned).map((field) => [field, headers.get(field) ?? ""]));
  headers.set("authorization", awsSignature({ method, path, headers: [["host", name], ...fields], payloadHash: hash }, { keyId, secretKey, region, service: SERVICE }));
  return undefined;
}
