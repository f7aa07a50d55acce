import type { Verdict } from "../../policy/policy.ts";
import type { Doorkeeper, Target } from "../connections/door.ts";
import { RequestPassing, type RequestFacts } from "../parts/passing.ts";
import { forwarded } from "./headers.ts";
import { whyRefused } from "./request-check.ts";

/** A request as it came from the guest. */
export interface Incoming {
  readonly facts: RequestFacts;
  /** The request target as it came. */
  readonly url: string;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
}

const FORBIDDEN = 403;
const MISDIRECTED = 421;

/**
 * What becomes of a request: by its own form, by the policy, and by the parts that other plugins added, in this order. A refused
 * one carries its refusal.
 */
export async function judge({ facts, url, rawHeaders }: Incoming, target: Target, keeper: Doorkeeper): Promise<RequestPassing> {
  const { name, port, method, secure } = facts;
  const passing = new RequestPassing(facts, url, forwarded(rawHeaders));
  const refuse = (why: string, status = FORBIDDEN, remedy = ""): RequestPassing => {
    passing.refuse({ status, text: `cloche refuses this request to ${name}: ${why}${remedy}`, why });
    return passing;
  };
  const unfit = whyRefused({ method, url, rawHeaders }, target.name, port, secure);
  // what is meant for another name may be asked again, on a connection of its own (RFC 9110 15.5.20)
  if (unfit !== undefined) return refuse(unfit, secure && unfit.startsWith("its Host is") ? MISDIRECTED : FORBIDDEN);
  const verdict = keeper.policy.decide({ name: target.name, port, method, path: url, granted: target.granted === true });
  if (!verdict.allowed) return refuse(verdict.why, FORBIDDEN, `. The user can allow it with: cloche egress allow ${name}`);
  if (keeper.parts.none) return noted(passing, verdict, keeper);
  const denial = await keeper.parts.decide({ kind: "request", name, port, method, path: url });
  if (denial) return refuse(denial.why);
  await keeper.parts.show("request", passing);
  if (!passing.refused && !passing.path.startsWith("/")) return refuse("a part gave it another target than a path");
  return passing.refused ? passing : noted(passing, verdict, keeper);
}

/** Writes down that it may pass. Of its target the path alone: queries hold what should not stand in a log. */
function noted(passing: RequestPassing, { why, rule }: Verdict, { audit }: Doorkeeper): RequestPassing {
  const { name, port, method } = passing;
  audit.record({ kind: "request", name, port, method, path: pathOf(passing.path), verdict: "allowed", why, ...(rule === undefined ? {} : { rule }) });
  return passing;
}

/** The target of a request without its query. */
export function pathOf(url: string): string {
  return url.split("?", 1)[0] ?? "";
}
