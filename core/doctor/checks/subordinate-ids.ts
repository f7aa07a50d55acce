import { failed, ok, type Check } from "../check.ts";
import type { Look } from "../look.ts";

const ENOUGH = 65_536;

/** The user numbers that a normal user may hand out in a namespace, which the image is made with. */
export const subordinateIds: Check = {
  id: "subordinate-ids",
  title: "Subordinate ids",
  needs: ["uidmap"],
  async run(look) {
    if (look.uid === 0) return ok("not needed as root");
    for (const file of ["/etc/subuid", "/etc/subgid"]) {
      if ((await largest(look, file)) >= ENOUGH) continue;
      return failed(
        `${file} gives ${look.user} no range of ${ENOUGH}, which making an image needs`,
        `Run: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${look.user}`,
      );
    }
    return ok(`${look.user} has a range`);
  },
};

async function largest(look: Look, file: string): Promise<number> {
  const lines = ((await look.read(file)) ?? "").split("\n").map((line) => line.split(":"));
  const mine = lines.filter(([who]) => who === look.user || who === String(look.uid));
  return Math.max(0, ...mine.map(([, , count]) => Number(count)));
}
