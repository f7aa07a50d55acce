import { ok, warn, type Check } from "../check.ts";

/** The npm that fetches the agent. */
export const npm: Check = {
  id: "npm",
  title: "npm",
  async run(look) {
    const program = look.find("npm");
    const ran = await look.run([program ?? "npm", "--version"]);
    if (ran.status === 0) return ok(ran.output.trim());
    return warn("not found among the system's programs", "Install npm; the agent comes from the npm registry when an image is made.");
  },
};
