import { createHash } from "node:crypto";
import { expect } from "chai";
import { awsSignature } from "../../../../plugins/credentials/gateway/service/aws-signature.ts";
import { signAnew } from "../../../../plugins/credentials/gateway/service/sign-anew.ts";
import type { PassingRequest } from "../../../../plugins/credentials/gateway/contracts.ts";
import { Fields } from "../../../../plugins/egress/gateway/http/fields.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
// the keys and answers of Amazon's own test suite for this signature
const KEY = { keyId: "AKIDEXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", region: "us-east-1", service: "service" };
const DATE = ["X-Amz-Date", "20150830T123600Z"] as const;
const HOST = ["Host", "example.amazonaws.com"] as const;

describe("Amazon's signature", () => {
  it("is that of Amazon's own examples", () => {
    const signature = (method: string, path: string, ...more: readonly (readonly [string, string])[]): string | undefined =>
      /Signature=(\w+)$/.exec(awsSignature({ method, path, headers: [HOST, DATE, ...more], payloadHash: sha256("") }, KEY))?.[1];
    expect(signature("GET", "/")).to.equal("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    expect(signature("POST", "/")).to.equal("5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
    expect(signature("GET", "/ሴ")).to.equal("8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85");
    expect(signature("GET", "/example space/")).to.equal("652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741");
    expect(signature("POST", "/", ["My-Header1", "value1"])).to.equal("c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c");
  });

  it("names what it signs, in order, and encodes the path once more", () => {
    const request = { method: "POST", path: "/model/a%3A0/invoke", headers: [DATE, ["content-type", "application/json"], HOST] as const, payloadHash: sha256("{}") };
    const text = awsSignature(request, KEY);
    expect(text).to.match(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20150830\/us-east-1\/service\/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=[0-9a-f]{64}$/);
    expect(awsSignature({ ...request, path: "/model/a:0/invoke" }, KEY)).to.not.equal(text);
  });
});

describe("A request that the guest has signed", () => {
  const options = { kind: "signed", keyId: "AKIAREALREALREALREAL", secretKey: "real-secret-key", sessionToken: "real-session", region: "eu-west-1", placeholder: "AKIAFAKEFAKEFAKEFAKE" } as const;
  const given = (id: string, region = "eu-west-1", service = "bedrock"): string => `AWS4-HMAC-SHA256 Credential=${id}/20261126/${region}/${service}/aws4_request, SignedHeaders=host;x-amz-date, Signature=${"0".repeat(64)}`;
  const asked = (path: string, ...raw: readonly string[]): PassingRequest => ({ method: "POST", name: "bedrock.test", path, headers: new Fields(raw) }) as unknown as PassingRequest;
  const good = ["Authorization", given(options.placeholder), "X-Amz-Content-Sha256", sha256("{}"), "Content-Type", "application/json", "X-Amz-Date", "19990101T000000Z", "X-Amz-Security-Token", "fake"];
  const now = new Date(Date.UTC(2026, 10, 26, 18, 0, 5, 123));

  it("is signed anew with the user's keys, by the host's clock, over what Amazon wants signed", () => {
    const request = asked("/model/m/invoke", ...good);
    expect(signAnew(request, options, now)).to.equal(undefined);
    const { headers } = request;
    expect([headers.get("x-amz-date"), headers.getAll("x-amz-security-token")]).to.deep.equal(["20261126T180005Z", ["real-session"]]);
    const expected = awsSignature({
      method: "POST", path: "/model/m/invoke", payloadHash: sha256("{}"),
      headers: [["host", "bedrock.test"], ["content-type", "application/json"], ["x-amz-content-sha256", sha256("{}")], ["x-amz-date", "20261126T180005Z"], ["x-amz-security-token", "real-session"]],
    }, { ...options, service: "bedrock" });
    expect(headers.getAll("authorization")).to.deep.equal([expected]);
    expect(expected).to.include("Credential=AKIAREALREALREALREAL/20261126/eu-west-1/bedrock/").and.include("SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token");
  });

  it("carries no session's token where the keys have none", () => {
    const request = asked("/model/m/invoke", ...good);
    expect(signAnew(request, { ...options, sessionToken: undefined }, now)).to.equal(undefined);
    expect(request.headers.has("x-amz-security-token")).to.equal(false);
  });

  it("is refused when it was signed by another, for another place or service, twice, not at all, without its body's hash, or with a query", () => {
    const bad: readonly (readonly string[])[] = [
      ["Authorization", given("AKIAATTACKERATTACKER")], ["Authorization", given(options.keyId)], ["Authorization", given(options.placeholder, "us-east-1")], ["Authorization", given(options.placeholder, "eu-west-1", "s3")],
      ["Authorization", `Bearer ${options.placeholder}`], [], ["Authorization", given(options.placeholder), "Authorization", given("AKIAATTACKERATTACKER")],
    ];
    for (const raw of bad) expect(signAnew(asked("/model/m/invoke", ...raw, ...good.slice(2)), options, now), raw.join(" ")).to.include("not made with this session's key");
    expect(signAnew(asked("/model/m/invoke", ...good.slice(0, 2)), options, now)).to.include("hash of its body");
    expect(signAnew(asked("/model/m/invoke", ...good.slice(0, 2), "X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"), options, now)).to.include("hash of its body");
    expect(signAnew(asked("/model/m/invoke?x=1", ...good), options, now)).to.include("query");
  });
});
