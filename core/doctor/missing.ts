import type { Look } from "./look.ts";
import { NEEDS, type Need } from "./needs.ts";

/** What the host lacks of the table, in its order. */
export async function missingNeeds(look: Look, needs: readonly Need[] = NEEDS): Promise<readonly Need[]> {
  const missing: Need[] = [];
  for (const need of needs) {
    if (need.onlyRootless && look.uid === 0) continue;
    if (!(await isThere(look, need))) missing.push(need);
  }
  return missing;
}

async function isThere(look: Look, need: Need): Promise<boolean> {
  if (need.file !== undefined) return (await look.access(need.file)) !== "missing";
  return (need.programs ?? []).every((program) => look.find(program) !== undefined);
}
