import { fail } from "../cli/failures.ts";
import type { Invocation } from "./command.ts";
import { contextToStart } from "./context.ts";

/** `cloche build`: the image, now. */
export default async function build(invocation: Invocation): Promise<number> {
  await contextToStart(invocation);
  throw fail("USAGE_NOT_YET", { what: "build", instead: "The first start makes the image." });
}
