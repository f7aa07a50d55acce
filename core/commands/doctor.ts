import { fail } from "../cli/failures.ts";

/** `cloche doctor`: what this host can do. */
export default function doctor(): Promise<number> {
  throw fail("USAGE_NOT_YET", { what: "doctor", instead: "Look for it in the next version." });
}
