import { expect } from "chai";
import type { PolicyData } from "../../../../plugins/egress/policy/policy.ts";
import { readRule, showRule } from "../../../../plugins/egress/policy/rule.ts";
import { LivePolicy } from "../../../../plugins/egress/runtime/live-policy.ts";
import { policyData } from "../support/policy.ts";

function rule(text: string, purpose: "allow" | "deny" = "allow") {
  const reading = readRule(text, purpose);
  return "rule" in reading ? reading.rule : expect.fail(reading.why);
}

function live(base: PolicyData = policyData({ allow: ["base.test"], deny: ["never.test"] })) {
  const applied: PolicyData[] = [];
  const policy = new LivePolicy(base, async (data) => {
    applied.push(data);
    return { closed: 0, addresses: {} };
  });
  const shown = () => ({ allow: policy.data.allow.map(showRule), deny: policy.data.deny.map(showRule) });
  return { policy, applied, shown };
}

describe("The policy of a running session", () => {
  it("is what it began with and what the user changed, the last word holding", async () => {
    const { policy, shown, applied } = live();
    await policy.allow(rule("a.test"));
    await policy.allow(rule("a.test"));
    expect(shown()).to.deep.equal({ allow: ["base.test", "a.test"], deny: ["never.test"] });
    await policy.deny(rule("a.test", "deny"));
    expect(shown()).to.deep.equal({ allow: ["base.test"], deny: ["never.test", "a.test"] });
    await policy.allow(rule("a.test:8443"));
    expect(shown()).to.deep.equal({ allow: ["base.test", "a.test:8443"], deny: ["never.test"] });
    expect(applied).to.have.length(4);
  });

  it("keeps what is denied of other ports, and what began with the session", async () => {
    const { policy, shown } = live();
    await policy.deny(rule("a.test:80", "deny"));
    await policy.allow(rule("a.test:443"));
    await policy.allow(rule("never.test"));
    expect(shown()).to.deep.equal({ allow: ["base.test", "a.test:443", "never.test"], deny: ["never.test", "a.test:80"] });
  });

  it("goes back, when it is closed, to what it began with; one that began open is closed to its rules", async () => {
    for (const [mode, closed] of [["allowlist", "allowlist"], ["off", "off"], ["open", "allowlist"]] as const) {
      const { policy } = live(policyData({ mode }));
      await policy.open(60_000);
      expect(policy.data.mode).to.equal("open");
      await policy.close();
      expect([policy.data.mode, policy.openUntil]).to.deep.equal([closed, undefined]);
      policy.end();
    }
  });

  it("applies one change after the other, and goes on after one that failed", async () => {
    const order: string[] = [];
    const policy = new LivePolicy(policyData({}), async (data) => {
      order.push(`begin ${data.allow.length}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
      order.push("end");
      if (data.allow.length === 1) throw new Error("broken");
      return { closed: 0, addresses: {} };
    });
    const first = policy.allow(rule("a.test"));
    const failed = first.then(() => "done", ({ message }: Error) => message);
    await new Promise((resolve) => setTimeout(resolve, 1));
    const second = policy.allow(rule("b.test"));
    expect(await failed).to.equal("broken");
    await second;
    expect(order).to.deep.equal(["begin 1", "end", "begin 2", "end"]);
  });
});
