import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { Place } from "../../test/support/place.ts";
import { notMeasured, sampled, timed, type Group } from "../bench.ts";

const MEGABYTE = 1e6;
const BUILT = { name: "image, made anew", unit: "s", target: 480 } as const;
const TEMPLATE = { name: "template, made once the guest is up", unit: "s", target: 10 } as const;
/** A step that no image has yet, so that none comes from the cache. */
const NEVER_MADE = `provision=[{"run": ": ${Date.now()}", "bake": true}]`;
const PACKAGE_MORE = ["--quiet", "build", "--set", 'image.packages=["tree"]', "--set", NEVER_MADE];
const PACKAGE = { name: "image with one package more", unit: "s", target: 60 } as const;
const PACKAGE_WITH_DOCKER = { ...PACKAGE, name: `${PACKAGE.name}, with Docker` } as const;

/** What images and templates take on disk, and with --build how long they take to make. */
export const images: Group = async ({ runs, build, say }) => {
  using place = new Place();
  await timed(place, ["--quiet", "build"], { deadlineMs: 30 * 60_000 });
  const cache = join(place.env["XDG_CACHE_HOME"] ?? "", "cloche");
  const sizes = [
    await sampled({ name: "image on disk, the agent's layer included", unit: "MB", target: 700 }, 1, () => newest(cache, "bases") + newest(cache, "layers")),
    await sampled({ name: "template on disk", unit: "MB", target: 400 }, 1, () => newest(cache, "templates/ready")),
    await sampled(TEMPLATE, runs, (run) => templateSeconds(place, cache, run)),
  ];
  if (!build) return [...sizes, ...notMeasured([BUILT, PACKAGE, PACKAGE_WITH_DOCKER], "ask for it with --build")];
  say("making images");
  const seconds = async (args: readonly string[], env: Record<string, string> = {}) => (await timed(place, args, { env, deadlineMs: 30 * 60_000 })) / 1000;
  return [
    ...sizes,
    await sampled(BUILT, 1, () => seconds(["--quiet", "build", "--rebuild"], { CLOCHE_TEMPLATE: "off" })),
    await sampled(PACKAGE, 1, () => seconds(PACKAGE_MORE, { CLOCHE_TEMPLATE: "off" })),
    await sampled(PACKAGE_WITH_DOCKER, 1, async () => {
      const env = { CLOCHE_TEMPLATE: "off", CLOCHE_PLUGINS_DOCKER: "true" };
      await seconds(["--quiet", "build"], env);
      return await seconds(PACKAGE_MORE, env);
    }),
  ];
};

/** Makes a template that there is not yet, for a machine of another memory, and removes it again. */
async function templateSeconds(place: Place, cache: string, run: number): Promise<number> {
  const file = join(place.folder, "timings.json");
  const ready = join(cache, "templates/ready");
  const before = new Set(readdirSync(ready));
  await timed(place, ["--quiet", "build"], { env: { CLOCHE_MACHINE_MEMORY: `${2001 + run}MiB`, CLOCHE_BENCH_TIMINGS: file }, deadlineMs: 10 * 60_000 });
  for (const name of readdirSync(ready)) if (!before.has(name)) rmSync(join(ready, name), { recursive: true });
  const { steps } = JSON.parse(readFileSync(file, "utf8")) as { steps: readonly { readonly step: string; readonly tookMs: number }[] };
  const made = steps.find(({ step }) => step === "the template, once the guest was up");
  if (!made) throw new Error("no template was made");
  return made.tookMs / 1000;
}

/** What the newest entry of a folder of the cache takes, in MB. */
function newest(cache: string, folder: string): number {
  const entries = readdirSync(join(cache, folder)).map((name) => join(cache, folder, name));
  const [last] = entries.map((path) => ({ path, time: statSync(path).mtimeMs })).sort((a, b) => b.time - a.time);
  if (!last) throw new Error(`there is nothing in ${folder}`);
  return readdirSync(last.path).reduce((total, name) => total + statSync(join(last.path, name)).blocks * 512, 0) / MEGABYTE;
}
