import type { Invocation } from "../../../core/index.ts";
import { changeRules } from "./words.ts";

/** `cloche egress deny RULE|NUMBER…`. */
export default async function deny(invocation: Invocation): Promise<number> {
  return await changeRules(invocation, "deny");
}
