import type { Invocation } from "../../../core/index.ts";
import { changeRules } from "./words.ts";

/** `cloche egress allow RULE|NUMBER…`. */
export default async function allow(invocation: Invocation): Promise<number> {
  return await changeRules(invocation, "allow");
}
