import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Place } from "../../test/support/place.ts";
import { sampled, timed, type Group } from "../bench.ts";

const PLUGINS = 25;
const IDLE = (name: string) => `import { definePlugin, z } from "cloche";
export default definePlugin({ name: "${name}", api: 1, description: "Does nothing.", onByDefault: true, options: z.strictObject({ level: z.number().default(1).describe("How much") }), build() {}, boot() {}, provision() {}, attach() {}, teardown() {} });
`;

/** The program alone, without a machine. */
export const program: Group = async ({ runs }) => {
  using place = new Place();
  await timed(place, ["--version"]); // compiles what changed
  return [
    await sampled({ name: "cloche --version", unit: "ms", target: 150 }, runs * 4, () => timed(place, ["--version"])),
    await sampled({ name: "cloche ls", unit: "ms", target: 200 }, runs * 4, () => timed(place, ["ls"])),
    await sampled({ name: `what ${PLUGINS} plugins that do nothing add to loading all of the configuration`, unit: "ms", target: 50 }, runs * 4, () => costOfPlugins(place)),
  ];
};

/** The same command with these plugins of the user's, less what it takes without them, in ms. */
async function costOfPlugins(place: Place): Promise<number> {
  const folder = join(place.home, ".config/cloche/idle");
  mkdirSync(folder, { recursive: true });
  const load = Array.from({ length: PLUGINS }, (_, index) => join(folder, `idle-${index}.mjs`));
  load.forEach((file, index) => writeFileSync(file, IDLE(`idle-${index}`)));
  place.configure({});
  const without = await timed(place, ["config"]);
  place.configure({ load });
  return (await timed(place, ["config"])) - without;
}
