import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isSpare } from "../../core/machine/template/spare-copy.ts";
import { Place } from "../../test/support/place.ts";
import { start } from "../../test/support/started.ts";
import { notMeasured, sampled, timed, wants, type Group } from "../bench.ts";
import type { Figure } from "../figure.ts";
import { forgetFiles } from "../measure/page-cache.ts";

const MARK = "here-it-is";
const COLD = { CLOCHE_TEMPLATE: "off" };
const COLD_NAME = "cold start, to the first output of exec";
/** Steps of --timings in which QEMU or the guest works and we wait; what plugins do in provision they have the guest do. */
const WAITING = /^(QEMU's start|the state|the guest is let run|the guest goes on|the guest asks for its seed|the seed|SSH|provision: .*|the command|undo: teardown taps|undo: stop QEMU)$/;
/** What QEMU before 8.2 needs of us and later ones do not. */
const COPY = /^the copy of the template$/;
/** A session of so many seconds leaves one for the next start. */
const LASTING_S = "20";

/** Whole starts: from cold, from a template with warm and with cold page cache, their end, and what they cost the processor. */
export const starts: Group = async ({ runs, say }) => {
  using place = new Place();
  say("making image and template");
  await timed(place, ["--quiet", "build"], { deadlineMs: 30 * 60_000 });
  const ends: number[] = [];
  const cold = await sampled({ name: COLD_NAME, unit: "s", target: 15 }, runs, async () => (await toFirstOutput(place, COLD, ends)) / 1000);
  const coldWhole: Figure = await sampled({ name: "cold exec -- true, whole process", unit: "s" }, runs, async () => (await timed(place, ["--quiet", "exec", "--", "true"], { env: COLD })) / 1000);
  say("starting from the template");
  await timed(place, ["--quiet", "exec", "--", "true"]);
  const warm = await sampled({ name: "exec -- true from a template, whole process", unit: "s", target: 2, baseline: { of: coldWhole.name, atMost: 0.2 } }, runs * 2, async () => (await timed(place, ["--quiet", "exec", "--", "true"])) / 1000);
  const warmEnds: number[] = [];
  const first = await sampled({ name: "start from a template, to the first output of exec", unit: "s", baseline: { of: COLD_NAME } }, runs * 2, async () => (await toFirstOutput(place, {}, warmEnds)) / 1000);
  const cache = join(place.env["XDG_CACHE_HOME"] ?? "", "cloche");
  // not all of the cache: what Node has compiled lies there too, in a great many files
  const kept = ["bases", "layers", "grounds", "templates"].map((folder) => join(cache, folder)).filter((folder) => existsSync(folder));
  const forgotten = await sampled({ name: "the same with nothing of image and template in the page cache", unit: "s", baseline: { of: first.name } }, runs, async () => {
    for (const folder of kept) forgetFiles(folder);
    return (await toFirstOutput(place, {}, [])) / 1000;
  });
  return [
    cold,
    coldWhole,
    warm,
    first,
    forgotten,
    await sampled({ name: "our own part of a start from a template", unit: "ms", target: 150 }, runs, () => ourPart(place, [WAITING])),
    await sampled({ name: "the same without the template's copy, as with QEMU 8.2", unit: "ms", target: 150 }, runs, () => ourPart(place, [WAITING, COPY])),
    ...(await withCopyReady(place, runs)),
    { name: "teardown, from the command's output to our end", unit: "ms", target: 300, samples: [...ends, ...warmEnds] },
    await sampled({ name: "processor time of one start from a template, QEMU's included", unit: "s" }, runs, () => processorTime(place, {})),
    await sampled({ name: "processor time of one cold start, QEMU's included", unit: "s" }, Math.min(runs, 3), () => processorTime(place, COLD)),
  ];
};

/** Starts that find the copy that QEMU before 8.2 needs, since a session before them lasted long enough to leave one. */
async function withCopyReady(place: Place, runs: number): Promise<readonly Figure[]> {
  const whole = { name: "exec -- true from a template with a copy ready, whole process", unit: "s", target: 2 } as const;
  const own = { name: "our own part of a start from a template with a copy ready", unit: "ms", target: 150 } as const;
  if (!wants(whole, own)) return notMeasured([whole, own], "not asked for");
  const templates = join(place.env["XDG_CACHE_HOME"] ?? "", "cloche/templates/ready");
  const ready = (): string[] => readdirSync(templates).flatMap((key) => readdirSync(join(templates, key)).filter(isSpare).map((name) => join(templates, key, name)));
  const isReady = (): boolean => ready().length > 0;
  for (const copy of ready()) rmSync(copy); // one of another template, which an earlier run left, is none for these starts
  const begin = async (): Promise<void> => void (await timed(place, ["--quiet", "exec", "--", "sleep", LASTING_S]));
  await begin();
  if (!isReady()) return notMeasured([whole, own], `none was left by a session of ${LASTING_S} s: this QEMU needs no copy, or making it took longer`);
  const after = async <T>(sample: () => Promise<T>): Promise<T> => {
    if (!isReady()) await begin();
    if (!isReady()) throw new Error("no copy was left");
    return await sample();
  };
  return [
    await sampled(whole, runs, () => after(async () => (await timed(place, ["--quiet", "exec", "--", "true"])) / 1000)),
    await sampled(own, runs, () => after(() => ourPart(place, [WAITING]))),
  ];
}

/** ms until the first output of a command in the guest; the time from its end to ours is added to the list. */
async function toFirstOutput(place: Place, env: Record<string, string>, ends: number[]): Promise<number> {
  const began = performance.now();
  const running = place.cloche(["--quiet", "exec", "--", "echo", MARK], { env });
  await running.says(new RegExp(MARK));
  const said = performance.now();
  const { status, stderr } = await running.ended;
  if (status !== 0) throw new Error(`exec ended with ${status}: ${stderr.trim()}`);
  ends.push(performance.now() - said);
  return said - began;
}

/** What of a start passes in none of these steps, in ms. */
async function ourPart(place: Place, others: readonly RegExp[]): Promise<number> {
  const file = join(place.folder, "timings.json");
  await timed(place, ["--quiet", "exec", "--", "true"], { env: { CLOCHE_BENCH_TIMINGS: file } });
  const { totalMs, steps } = JSON.parse(readFileSync(file, "utf8")) as { totalMs: number; steps: { step: string; beganMs: number; tookMs: number }[] };
  const waits = steps.filter(({ step }) => others.some((other) => other.test(step))).map(({ beganMs, tookMs }) => [beganMs, beganMs + tookMs] as const);
  return totalMs - covered(waits);
}

/** How much of the time line these spans cover together. */
function covered(spans: readonly (readonly [number, number])[]): number {
  let total = 0;
  let reached = 0;
  for (const [from, to] of [...spans].sort(([a], [b]) => a - b)) {
    total += Math.max(0, to - Math.max(from, reached));
    reached = Math.max(reached, to);
  }
  return total;
}

/** Seconds of the processor that a start and all its processes took, each of which its parent waits for. */
async function processorTime(place: Place, env: Record<string, string>): Promise<number> {
  const script = 'TIMEFORMAT="%U %S"; time "$@" >/dev/null 2>&1';
  const { stderr, status } = await start(["bash", "-c", script, "bash", ...place.program, "--quiet", "exec", "--", "true"], { cwd: place.project, env: { ...place.env, ...env }, input: "" }).ended;
  if (status !== 0) throw new Error(`it ended with ${status}`);
  const [user = NaN, system = NaN] = stderr.trim().split(" ").map(Number);
  return user + system;
}
