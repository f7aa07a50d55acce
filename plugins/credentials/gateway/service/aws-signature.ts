import { createHash, createHmac } from "node:crypto";

/** What is signed of a request. */
export interface SignedRequest {
  readonly method: string;
  /** As it is sent, without a query. */
  readonly path: string;
  /** `x-amz-date` among them. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** SHA-256 of the body in hexadecimal. */
  readonly payloadHash: string;
}

/** With what it is signed. */
export interface SigningKey {
  readonly keyId: string;
  readonly secretKey: string;
  readonly region: string;
  readonly service: string;
}

const ALGORITHM = "AWS4-HMAC-SHA256";

/** The Authorization of a request by Amazon's Signature Version 4. */
export function awsSignature({ method, path, headers, payloadHash }: SignedRequest, { keyId, secretKey, region, service }: SigningKey): string {
  const fields = headers.map(([name, value]) => [name.toLowerCase(), value.trim().replace(/ +/g, " ")] as const).sort(([one], [other]) => (one < other ? -1 : 1));
  const names = fields.map(([name]) => name).join(";");
  const canonical = [method, encodedAgain(path), "", ...fields.map(([name, value]) => `${name}:${value}`), "", names, payloadHash].join("\n");
  const time = fields.find(([name]) => name === "x-amz-date")?.[1] ?? "";
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = [day, region, service, "aws4_request"].reduce<string | Buffer>((above, part) => hmac(above, part), `AWS4${secretKey}`);
  const signature = hmac(key, [ALGORITHM, time, scope, createHash("sha256").update(canonical).digest("hex")].join("\n")).toString("hex");
  return `${ALGORITHM} Credential=${keyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}

/** All services but one want the path, encoded already, encoded once more, part by part. */
function encodedAgain(path: string): string {
  return path.split("/").map((part) => encodeURIComponent(part).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`)).join("/");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
