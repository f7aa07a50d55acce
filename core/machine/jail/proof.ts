import { messageOf } from "../../support/errors.ts";
import { fail } from "../failures.ts";
import { flawsOf, type Expected } from "./flaws.ts";
import { namespacesOf, processFacts, programIn } from "./process-facts.ts";

/**
 * Looks from outside whether the program in a jail is shut in as it must be, by what the kernel says of it. `bwrapPid` is bwrap outside.
 * Throws JAIL_UNPROVEN with the first flaw, or with why nobody can tell.
 */
export function proveJail(bwrapPid: number, expected: Omit<Expected, "ours">): void {
  const [flaw] = findFlaws(bwrapPid, expected);
  if (flaw) throw fail("JAIL_UNPROVEN", flaw);
}

function findFlaws(bwrapPid: number, expected: Omit<Expected, "ours">) {
  try {
    return flawsOf(processFacts(programIn(bwrapPid)), { ...expected, ours: namespacesOf("self") });
  } catch (cause) {
    throw fail("JAIL_UNPROVEN", { check: "reading /proc", found: messageOf(cause) }, { cause });
  }
}
