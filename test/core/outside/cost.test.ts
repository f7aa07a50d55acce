import { expect } from "chai";
import { live } from "../../../core/lifecycle.ts";
import { openSession } from "../../../core/open-session.ts";
import { actingFor, fakeHost } from "../../support/fake-host.ts";
import { Place } from "../config/fixture.ts";

const COUNT = 25;
const MOST_MS = 50;
const ROUNDS = 6;

const idle = (name: string) =>
  `import { definePlugin, z } from "cloche";
export default definePlugin({ name: "${name}", api: 1, description: "Does nothing at all.", onByDefault: true, options: z.strictObject({ level: z.number().default(1).describe("How much") }), build() {}, boot() {}, provision() {}, attach() {}, teardown() {} });`;

/** The processor's time, in ms, of a start with so many plugins that were never loaded before: their loading, checks, and all five phases. */
async function startWith(place: Place, round: number, count: number): Promise<number> {
  const load = Array.from({ length: count }, (_, index) => place.file(`config/cloche/r${round}/p${index}.mjs`, idle(`p${round}-${index}`)));
  place.user({ load });
  const before = process.cpuUsage();
  const { plugins } = await place.load();
  const { host } = fakeHost();
  const enabled = plugins.filter((one) => one.enabled && one.plugin.file !== undefined);
  await live(openSession({ acting: actingFor(), host, plugins: enabled, known: [], recipe: { suite: "trixie", packages: [] }, request: { kind: "exec", argv: ["true"] } }));
  const { user, system } = process.cpuUsage(before);
  expect(enabled).to.have.length(count);
  return (user + system) / 1000;
}

describe("Plugins that do nothing", () => {
  it(`add at most ${MOST_MS} ms to a start, ${COUNT} of them`, async () => {
    using place = new Place();
    const costs: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const without = await startWith(place, 2 * round, 0);
      costs.push((await startWith(place, 2 * round + 1, COUNT)) - without);
    }
    // what else this computer does can only make it slower
    expect(Math.min(...costs)).to.be.lessThan(MOST_MS);
  }).timeout(60_000);
});
