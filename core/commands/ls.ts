import { fail } from "../cli/failures.ts";

/** `cloche ls`: the running sessions. */
export default function list(): Promise<number> {
  throw fail("USAGE_NOT_YET", { what: "ls", instead: "Look for it in the next version." });
}
