import { Policy, type PolicyData } from "../../../../plugins/egress/policy/policy.ts";
import { RuleCollector, type PolicyWishes } from "../../../../plugins/egress/service.ts";

/** What the options would make of these wishes. */
export function policyData(wishes: Partial<PolicyWishes>): PolicyData {
  return new RuleCollector({ allow: [], ...wishes }).seal();
}

/** A policy that allows what the rules say. */
export function policyAllowing(...allow: readonly string[]): Policy {
  return new Policy(policyData({ allow }));
}
