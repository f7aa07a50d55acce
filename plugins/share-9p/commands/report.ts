import { directories, projectOf, type Invocation } from "../../../core/index.ts";
import { fail } from "../failures.ts";
import { keptReport } from "../report/store.ts";
import { wholeReport } from "../report/words.ts";

/** `cloche report`: what the latest session left. */
export default async function showReport(invocation: Invocation): Promise<number> {
  const project = await projectOf(invocation);
  const report = keptReport(directories(invocation.env).state, project);
  if (report === undefined) throw fail("SHARE_NO_REPORT", { project });
  if (invocation.flags.has("json")) invocation.io.printJson(report);
  else invocation.io.print(wholeReport(report));
  return 0;
}
