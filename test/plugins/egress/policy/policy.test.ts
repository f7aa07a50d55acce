import { expect } from "chai";
import fc from "fast-check";
import { canonicalName } from "../../../../plugins/egress/names/canonical-name.ts";
import { describeRules } from "../../../../plugins/egress/policy/describe.ts";
import { Policy } from "../../../../plugins/egress/policy/policy.ts";
import { readUpstreamKey } from "../../../../plugins/egress/policy/upstream.ts";
import { RuleCollector } from "../../../../plugins/egress/service.ts";
import { isFailure } from "../../../../core/support/errors.ts";

function rulesOf(...allow: string[]) {
  return new RuleCollector(allow).seal();
}

function decide(rules: ReturnType<typeof rulesOf>, host: string, port: number): boolean {
  const name = canonicalName(host);
  return name !== undefined && new Policy(rules).decide(name, port).allowed;
}

describe("The policy", () => {
  it("refuses everything when there is no rule", () => {
    fc.assert(fc.property(fc.domain(), fc.integer({ min: 1, max: 65_535 }), (host, port) => !decide([], host, port)));
  });

  it("allows what a rule names exactly, and nothing that looks like it", () => {
    const rules = rulesOf("github.com", "example.com:8443");
    for (const port of [443, 80]) expect(decide(rules, "GITHUB.com.", port)).to.equal(true);
    expect(decide(rules, "example.com", 8443)).to.equal(true);
    for (const host of ["evilgithub.com", "github.com.evil.net", "api.github.com", "github.co", "githubxcom", "com"]) expect(decide(rules, host, 443), host).to.equal(false);
    for (const port of [22, 444, 8443]) expect(decide(rules, "github.com", port)).to.equal(false);
    expect(decide(rules, "example.com", 443)).to.equal(false);
  });

  it("says who allowed it, or what is missing", () => {
    const egress = new RuleCollector(["a.example"]);
    egress.allow("b.example:443", "claude");
    const policy = new Policy(egress.rules());
    const why = (host: string, port: number) => policy.decide(canonicalName(host) ?? expect.fail(host), port).why;
    expect(why("a.example", 443)).to.equal("allowed by egress.allow");
    expect(why("b.example", 443)).to.equal("allowed by claude");
    expect(why("b.example", 80)).to.equal("no rule names this port");
    expect(why("c.example", 80)).to.equal("no rule names this host");
  });
});

describe("The rules that plugins add", () => {
  it("are checked, and named with who wanted them", () => {
    const egress = new RuleCollector([]);
    expect(() => egress.allow("*.example", "greedy")).to.throw('"*.example", which "greedy" wants to allow, is not a rule: wildcards');
  });

  it("come too late once the gateway has them", () => {
    const egress = new RuleCollector([]);
    egress.seal();
    try {
      egress.allow("a.example", "slow");
      expect.fail("it was taken");
    } catch (error) {
      expect(isFailure(error, "EGRESS_RULE_LATE")).to.equal(true);
    }
  });

  it("are told to the agent in a sentence", () => {
    expect(describeRules([])).to.match(/^No host on the network can be reached\./);
    const sentence = describeRules(rulesOf("a.example", "b.example:443", "b.example:22"));
    expect(sentence).to.match(/^These hosts can be reached: a\.example, b\.example \(port 22, 443\)\. Every other host is refused/);
    expect(describeRules(rulesOf(...Array.from({ length: 60 }, (_, number) => `h${number}.example`)))).to.include("and 10 more");
  });
});

describe("A key of egress.upstreams", () => {
  it("is a host, which means port 443, or host:port", () => {
    expect(readUpstreamKey("API.example.com")).to.equal("api.example.com:443");
    expect(readUpstreamKey("example.com:80")).to.equal("example.com:80");
    for (const text of ["", "*", "127.0.0.1", "a:b", "a.example:0", "a.example:443:1"]) expect(readUpstreamKey(text), text).to.equal(undefined);
  });
});
