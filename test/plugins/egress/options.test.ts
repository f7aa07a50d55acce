import { expect } from "chai";
import { z } from "zod";
import { options } from "../../../plugins/egress/options.ts";
import egress from "../../../plugins/egress/index.ts";

function issues(value: unknown): string {
  const { error } = options.safeParse(value);
  return error ? z.prettifyError(error) : "";
}

describe("The options of egress", () => {
  it("allow nothing by default", () => {
    expect(options.parse({})).to.deep.equal({ mode: "allowlist", allow: [], presets: [], deny: [], record: false, askFor: "60s", notify: true, upstreams: {} });
  });

  it("name the rule that is none, and why", () => {
    expect(issues({ allow: ["a.example", "*.com"] })).to.include("anybody can have a name").and.include("allow[1]");
  });

  it("refuse an upstream that is not an address, a port or an absolute path", () => {
    const upstream = { address: "127.0.0.1", port: 8443 };
    expect(issues({ upstreams: { "api.example": upstream } })).to.equal("");
    expect(issues({ upstreams: { "*": upstream } })).to.include("neither a host name nor host:port");
    expect(issues({ upstreams: { "api.example": { ...upstream, address: "localhost" } } })).to.include("not an IP address");
    expect(issues({ upstreams: { "api.example": { ...upstream, port: 0 } } })).to.include("port");
    expect(issues({ upstreams: { "api.example": { ...upstream, ca: "ca.pem" } } })).to.include("not an absolute path");
    expect(issues({ upstreams: { "api.example": { ...upstream, tls: false } } })).to.include("tls");
    expect(issues({ mode: "closed" })).to.include("mode");
  });

  it("are not for a project's own file, nor is switching the plugin off", () => {
    expect(egress.project).to.deep.equal({});
    expect(egress.onByDefault).to.equal(true);
  });

  it("have a JSON schema with a description of each", () => {
    const schema = z.toJSONSchema(options, { io: "input" });
    for (const property of Object.values(schema.properties ?? {})) expect(property).to.have.property("description");
  });
});
