import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { isSpare } from "../../core/machine/template/spare-copy.ts";
import { Place } from "../../test/support/place.ts";
import { notMeasured, sampled, timed, type Group } from "../bench.ts";
import type { Figure } from "../figure.ts";

const MEGABYTE = 1e6;
const BUILT = { name: "image, made anew", unit: "s", target: 480 } as const;
const TEMPLATE = { name: "template, made once the guest is up", unit: "s", target: 10 } as const;
const TEMPLATE_SIZE = { name: "template on disk", unit: "MB", target: 400 } as const;
const COPY_SIZE = { name: "the copy beside it for the next start, which QEMU before 8.2 needs", unit: "MB" } as const;
// what its warming costs was measured and decided
const WITH_AGENT = { name: "the same with the agent warmed", unit: "s" } as const;
const SIZE_WITH_AGENT = { name: "template with the agent warmed, on disk", unit: "MB" } as const;
const NO_AGENT = { CLOCHE_PLUGINS_CLAUDE: "false" };
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
    ...(await templates(place, cache, runs)),
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

async function templates(place: Place, cache: string, runs: number): Promise<readonly Figure[]> {
  const [bare, warmed, copies]: [number[], number[], number[]] = [[], [], []];
  const made = async (run: number, env: Record<string, string>, into: number[]): Promise<number> => {
    const { seconds, megabytes, copyMegabytes } = await madeTemplate(place, cache, run, env);
    into.push(megabytes);
    if (into === bare) copies.push(copyMegabytes);
    return seconds;
  };
  const time = await sampled(TEMPLATE, runs, (run) => made(run, NO_AGENT, bare));
  const timeWithAgent = await sampled(WITH_AGENT, runs, (run) => made(run, {}, warmed));
  return [time, { ...TEMPLATE_SIZE, ...sizes(bare, time) }, { ...COPY_SIZE, ...sizes(copies, time) }, timeWithAgent, { ...SIZE_WITH_AGENT, ...sizes(warmed, timeWithAgent) }];
}

function sizes(samples: readonly number[], { missing }: Figure): Pick<Figure, "samples" | "missing"> {
  return { samples, ...(missing !== undefined && { missing }) };
}

/** Makes a template that there is not yet, for a machine of another memory, and removes it again. */
async function madeTemplate(place: Place, cache: string, run: number, env: Record<string, string>): Promise<{ seconds: number; megabytes: number; copyMegabytes: number }> {
  const file = join(place.folder, "timings.json");
  const ready = join(cache, "templates/ready");
  const before = new Set(existsSync(ready) ? readdirSync(ready) : []);
  await timed(place, ["--quiet", "build"], { env: { ...env, CLOCHE_MACHINE_MEMORY: `${2001 + run}MiB`, CLOCHE_BENCH_TIMINGS: file }, deadlineMs: 10 * 60_000 });
  const [fresh] = readdirSync(ready).filter((name) => !before.has(name));
  const { steps } = JSON.parse(readFileSync(file, "utf8")) as { steps: readonly { readonly step: string; readonly tookMs: number }[] };
  const step = steps.find((each) => each.step === "the template, once the guest was up");
  if (!step || fresh === undefined) throw new Error("no template was made");
  const megabytes = sizeOf(join(ready, fresh), (name) => !isSpare(name));
  const copyMegabytes = sizeOf(join(ready, fresh), isSpare);
  rmSync(join(ready, fresh), { recursive: true });
  return { seconds: step.tookMs / 1000, megabytes, copyMegabytes };
}

/** What the newest entry of a folder of the cache takes, in MB. */
function newest(cache: string, folder: string): number {
  const entries = readdirSync(join(cache, folder)).map((name) => join(cache, folder, name));
  const [last] = entries.map((path) => ({ path, time: statSync(path).mtimeMs })).sort((a, b) => b.time - a.time);
  if (!last) throw new Error(`there is nothing in ${folder}`);
  return sizeOf(last.path);
}

/** What a folder's files take on disk, in MB; of some names only, where it is said which. */
function sizeOf(folder: string, counts: (name: string) => boolean = () => true): number {
  return readdirSync(folder).filter(counts).reduce((total, name) => total + statSync(join(folder, name)).blocks * 512, 0) / MEGABYTE;
}
