import { failed, ok, type Check } from "../check.ts";
import { missingNeeds } from "../missing.ts";
import { NEEDS } from "../needs.ts";

/** A check that some needs of the table are there, and nothing more. */
export function tools(id: string, title: string, needs: readonly string[]): Check {
  return {
    id,
    title,
    needs,
    async run(look) {
      const missing = await missingNeeds(look, NEEDS.filter((need) => needs.includes(need.id)));
      if (missing.length === 0) return ok("there");
      const what = missing.map((need) => `${need.programs?.join(", ") ?? need.file} (${need.purpose})`);
      return failed(`missing: ${what.join("; ")}`, "");
    },
  };
}
