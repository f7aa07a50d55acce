import { expect } from "chai";
import fc from "fast-check";
import { canonicalName } from "../../../../plugins/egress/names/canonical-name.ts";
import { describePolicy } from "../../../../plugins/egress/policy/describe.ts";
import { literalAddress } from "../../../../plugins/egress/names/destination.ts";
import { Policy, type Question, type Verdict } from "../../../../plugins/egress/policy/policy.ts";
import { readRule } from "../../../../plugins/egress/policy/rule.ts";
import { readUpstreamKey } from "../../../../plugins/egress/policy/upstream.ts";
import { RuleCollector, type PolicyWishes } from "../../../../plugins/egress/service.ts";
import { isFailure } from "../../../../core/support/errors.ts";
import { policyAllowing, policyData } from "../support/policy.ts";

function decide(allow: readonly string[], host: string, port: number): boolean {
  const name = canonicalName(host);
  return name !== undefined && policyAllowing(...allow).decide({ name, port }).allowed;
}

/** Asks a policy that is made of the wishes. */
function asking(wishes: Partial<PolicyWishes>) {
  const policy = new Policy(policyData(wishes));
  const destination = (host: string) => canonicalName(host) ?? literalAddress(host) ?? expect.fail(host);
  return {
    policy,
    decide: (host: string, port = 443, more: Partial<Question> = {}): Verdict => policy.decide({ name: destination(host), port, ...more }),
    name: (host: string) => policy.decideName(canonicalName(host) ?? expect.fail(host)),
    intercepts: (host: string, port = 443) => policy.needsInterception(canonicalName(host) ?? expect.fail(host), port),
  };
}

describe("The policy", () => {
  it("refuses everything when there is no rule", () => {
    fc.assert(fc.property(fc.domain(), fc.integer({ min: 1, max: 65_535 }), (host, port) => !decide([], host, port)));
  });

  it("allows what a rule names exactly, and nothing that looks like it", () => {
    const rules = ["github.com", "example.com:8443"];
    for (const port of [443, 80]) expect(decide(rules, "GITHUB.com.", port)).to.equal(true);
    expect(decide(rules, "example.com", 8443)).to.equal(true);
    for (const host of ["evilgithub.com", "github.com.evil.net", "api.github.com", "github.co", "githubxcom", "com"]) expect(decide(rules, host, 443), host).to.equal(false);
    for (const port of [22, 444, 8443]) expect(decide(rules, "github.com", port)).to.equal(false);
    expect(decide(rules, "example.com", 443)).to.equal(false);
  });

  it("says who allowed it, or what is missing", () => {
    const egress = new RuleCollector({ allow: ["a.example"] });
    egress.allow("b.example:443", "claude");
    const policy = new Policy(egress.seal());
    const why = (host: string, port: number) => policy.decide({ name: canonicalName(host) ?? expect.fail(host), port }).why;
    expect(why("a.example", 443)).to.equal("allowed by egress.allow");
    expect(why("b.example", 443)).to.equal("allowed by claude");
    expect(why("b.example", 80)).to.equal("no rule names this port");
    expect(why("c.example", 80)).to.equal("no rule names this host");
  });
});

describe("A wildcard", () => {
  it("stands for every name below, not for the name itself, and matches nothing else", () => {
    const label = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    fc.assert(fc.property(fc.array(label, { minLength: 1, maxLength: 4 }), (labels) => {
      const host = `${labels.join(".")}.example.com`;
      expect(decide(["*.example.com"], host, 443)).to.equal(true);
      expect(decide(["*.example.com"], `${labels.join(".")}example.com`, 443)).to.equal(false);
      expect(decide(["*.example.com"], `${host}.net`, 443)).to.equal(false);
    }));
    expect(decide(["*.example.com"], "example.com", 443)).to.equal(false);
    expect(decide(["*.example.com:8443"], "a.example.com", 443)).to.equal(false);
  });

  it("matches only what is equal or ends in a dot and its base", () => {
    fc.assert(fc.property(fc.domain(), fc.domain(), (base, host) => {
      const rule = `*.${base}`;
      if ("why" in readRule(rule) || canonicalName(host) === undefined) return;
      expect(decide([rule], host, 443)).to.equal(host.toLowerCase().endsWith(`.${base.toLowerCase()}`));
    }), { numRuns: 300 });
  });
});

describe("A denial", () => {
  it("wins over rules and over open", () => {
    for (const wishes of [{ allow: ["*.example.com", "bad.example.com"] }, { mode: "open" as const }]) {
      const { decide, name } = asking({ ...wishes, deny: ["bad.example.com"] });
      expect(decide("good.example.com").allowed).to.equal(true);
      for (const port of [443, 80, 8443]) expect(decide("bad.example.com", port)).to.deep.equal({ allowed: false, why: "denied by egress.deny", rule: "bad.example.com" });
      expect(name("bad.example.com").allowed).to.equal(false);
    }
  });

  it("of one port leaves the others, and of an address refuses names that lead there", () => {
    const { decide, name } = asking({ allow: ["a.example"], deny: ["a.example:80", "93.184.216.34"] });
    expect(decide("a.example", 80).allowed).to.equal(false);
    expect(decide("a.example", 443).allowed).to.equal(true);
    expect(name("a.example").allowed).to.equal(true);
    expect(decide("a.example", 443, { address: "93.184.216.34" }).why).to.equal("resolves to 93.184.216.34, which is denied");
  });
});

describe("The mode", () => {
  it("open allows every public address, by name and bare, and no special one", () => {
    const { decide, name } = asking({ mode: "open" });
    expect(name("any.example")).to.include({ allowed: true, onDemand: true });
    expect(decide("any.example", 9999, { address: "93.184.216.34" }).allowed).to.equal(true);
    expect(decide("93.184.216.34", 9999).allowed).to.equal(true);
    for (const address of ["127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "224.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1", "2001::1"]) {
      expect(decide("any.example", 443, { address }).allowed, address).to.equal(false);
      expect(decide(address).allowed, address).to.equal(false);
    }
  });

  it("off refuses everything, whatever is allowed", () => {
    const { decide, name } = asking({ mode: "off", allow: ["a.example", "1.1.1.1"], ask: true });
    expect(decide("a.example")).to.deep.equal({ allowed: false, why: "egress is off" });
    expect(decide("1.1.1.1").allowed).to.equal(false);
    expect(name("a.example")).to.deep.equal({ allowed: false, why: "egress is off", onDemand: false });
  });
});

describe("A special address", () => {
  it("is reached by a rule of its own only, on the ports that it names", () => {
    const { decide } = asking({ allow: ["a.example:80", "10.1.2.3:80", "127.0.0.1:5432"] });
    expect(decide("10.1.2.3", 80).allowed).to.equal(true);
    expect(decide("127.0.0.1", 5432).allowed).to.equal(true);
    expect(decide("10.1.2.3", 443).allowed).to.equal(false);
    expect(decide("10.1.2.4", 80)).to.deep.equal({ allowed: false, why: "no rule names this address" });
    expect(decide("a.example", 80, { address: "10.1.2.3" }).allowed).to.equal(true);
    expect(decide("a.example", 80, { address: "10.1.2.4" }).why).to.equal("resolves to 10.1.2.4, which is private");
  });

  it("of a private network is reached through a name that is said to be private, and no other kind is", () => {
    const { decide } = asking({ allow: [{ host: "a.example", private: true }] });
    for (const address of ["10.1.2.3", "192.168.1.1", "100.64.1.1", "fd12::1", "93.184.216.34"]) expect(decide("a.example", 443, { address }).allowed, address).to.equal(true);
    for (const address of ["127.0.0.1", "169.254.169.254", "169.254.1.1", "fe80::1", "::ffff:10.0.0.1", "224.0.0.1"]) {
      expect(decide("a.example", 443, { address }).allowed, address).to.equal(false);
    }
  });
});

describe("A rule about requests", () => {
  const { decide, intercepts } = asking({ allow: [{ host: "api.example", methods: ["GET"], paths: ["/v1/*", "/ok"] }, "free.example", { host: "free.example", methods: ["GET"] }] });

  it("allows the connection, those requests and no others", () => {
    expect(decide("api.example").allowed).to.equal(true);
    for (const path of ["/v1/", "/v1/a?q=/../x", "/ok", "/ok?x", "/v1/%41"]) expect(decide("api.example", 80, { method: "GET", path }).allowed, path).to.equal(true);
    expect(decide("api.example", 80, { method: "POST", path: "/ok" })).to.deep.equal({ allowed: false, why: "no rule allows this request" });
    for (const path of ["/", "/v1", "/okay", "/v1/../ok", "/v1/%2e%2e/x", "/v1/..%2fx", "/v1/%252e%252e/x", "/v1//x", "/v1/\\x", "/v1/;x", "/v1/%", "/v1/%ff", "*", "http://x/v1/"]) {
      expect(decide("api.example", 80, { method: "GET", path }).allowed, path).to.equal(false);
    }
  });

  it("makes the name intercepted, unless another rule allows everything", () => {
    expect(intercepts("api.example")).to.equal(true);
    expect(intercepts("free.example")).to.equal(false);
    expect(intercepts("other.example")).to.equal(false);
    expect(asking({ allow: ["a.example"], deny: [{ host: "a.example", methods: ["DELETE"] }] }).intercepts("a.example")).to.equal(true);
  });

  it("that denies, denies also what could be taken for it", () => {
    const denying = asking({ mode: "open", deny: [{ host: "a.example", paths: ["/secret/*"] }] });
    expect(denying.decide("a.example").allowed).to.equal(true);
    expect(denying.decide("a.example", 80, { method: "GET", path: "/x" }).allowed).to.equal(true);
    for (const path of ["/secret/x", "/%73ecret/x", "/x/../secret/x", "/x/%2e%2e/secret/x"]) {
      expect(denying.decide("a.example", 80, { method: "GET", path }).allowed, path).to.equal(false);
    }
  });
});

describe("Asking", () => {
  it("gives names that no rule names an address, and holds their connections; denials and bare addresses are no question", () => {
    const { decide, name } = asking({ ask: true, allow: ["a.example"], deny: ["b.example"] });
    expect(name("new.example")).to.deep.equal({ allowed: false, ask: true, why: "no rule names this host", onDemand: true });
    expect(decide("new.example")).to.deep.equal({ allowed: false, ask: true, why: "no rule names this host" });
    expect(decide("a.example", 22)).to.deep.equal({ allowed: false, ask: true, why: "no rule names this port" });
    expect(decide("b.example")).to.not.have.property("ask");
    expect(decide("1.1.1.1")).to.not.have.property("ask");
    expect(name("a.example").onDemand).to.equal(false);
  });
});

describe("A policy that is replaced", () => {
  it("decides by what it is given from then on", () => {
    const { policy, decide } = asking({ allow: ["a.example"] });
    policy.replace(policyData({ allow: ["b.example"] }));
    expect([decide("a.example").allowed, decide("b.example").allowed]).to.deep.equal([false, true]);
  });
});

describe("The rules that plugins add", () => {
  it("are checked, and named with who wanted them", () => {
    const egress = new RuleCollector({ allow: [] });
    expect(() => egress.allow("*.com", "greedy")).to.throw('"*.com", which "greedy" wants to allow, is not a rule: anybody');
  });

  it("come too late once the gateway has them", () => {
    const egress = new RuleCollector({ allow: [] });
    egress.seal();
    try {
      egress.allow("a.example", "slow");
      expect.fail("it was taken");
    } catch (error) {
      expect(isFailure(error, "EGRESS_RULE_LATE")).to.equal(true);
    }
  });

  it("are told to the agent in a sentence", () => {
    expect(describePolicy(policyData({}))).to.match(/^No host on the network can be reached\./);
    const sentence = describePolicy(policyData({ allow: ["a.example", "b.example:443", "b.example:22"] }));
    expect(sentence).to.match(/^These hosts can be reached: a\.example, b\.example \(port 22, 443\)\. Every other host is refused/);
    expect(describePolicy(policyData({ allow: [{ host: "a.example", methods: ["GET"] }], deny: ["b.example"], ask: true }))).to.match(/^These hosts can be reached: a\.example \(GET\) only\. A connection to any other host waits.*Never to be reached, whatever the task: b\.example\.$/);
    expect(describePolicy(policyData({ mode: "open", allow: ["a.example:8443"] }))).to.match(/^Every public host can be reached, on ports 443 and 80 and 8443/);
    expect(describePolicy(policyData({ mode: "off", allow: ["a.example"] }))).to.match(/^No host on the network can be reached/);
    expect(describePolicy(policyData({ allow: Array.from({ length: 60 }, (_, number) => `h${number}.example`) }))).to.include("and 10 more");
  });
});

describe("A key of egress.upstreams", () => {
  it("is a host, which means port 443, or host:port", () => {
    expect(readUpstreamKey("API.example.com")).to.equal("api.example.com:443");
    expect(readUpstreamKey("example.com:80")).to.equal("example.com:80");
    for (const text of ["", "*", "127.0.0.1", "a:b", "a.example:0", "a.example:443:1"]) expect(readUpstreamKey(text), text).to.equal(undefined);
  });
});
