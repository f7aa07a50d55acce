// What `npm run bench` runs: how fast cloche is here, as whole processes. `--runs N` says how often, `--build` makes an image too.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { Place } from "../test/support/place.ts";
import { build, coldStart, imageSize, runningSession, version } from "./cases.ts";
import { table, type Figure } from "./figure.ts";

const { values: options } = parseArgs({ options: { runs: { type: "string", default: "5" }, build: { type: "boolean", default: false } } });
const runs = Number(options.runs);

/** Takes samples until one fails; a figure without any says why. */
async function figure(facts: Pick<Figure, "name" | "unit" | "target">, times: number, sample: () => Promise<number> | number): Promise<Figure> {
  const samples: number[] = [];
  try {
    for (let run = 0; run < times; run += 1) samples.push(await sample());
    return { ...facts, samples };
  } catch (error) {
    return { ...facts, samples, missing: reasonOf(error) };
  }
}

/** What cloche itself said when there is such a line, else what went wrong. */
function reasonOf(error: unknown): string {
  const lines = String(error instanceof Error ? error.message : error).split("\n");
  return (lines.findLast((line) => line.includes("cloche: ")) ?? lines[0] ?? "").replace(/^.*cloche: /, "");
}

async function all(place: Place): Promise<readonly Figure[]> {
  const teardowns: number[] = [];
  const built: Figure = { name: "image, made anew", unit: "s", samples: [], missing: "ask for it with --build", target: 480 };
  const buildTime = options.build ? await figure(built, 1, () => build(place)) : built;
  await version(place); // compiles what changed
  const versions = await figure({ name: "cloche --version", unit: "ms", target: 150 }, runs * 4, () => version(place));
  const starts = await figure({ name: "cold start, to the first output of exec", unit: "s", target: 15 }, runs, async () => {
    const { start, teardown } = await coldStart(place);
    teardowns.push(teardown);
    return start / 1000;
  });
  const running = await runningSession(place, runs * 2).catch((error: unknown) => ({ execs: [], memory: undefined, missing: reasonOf(error) }));
  const missing = "missing" in running ? { missing: running.missing } : {};
  return [
    versions,
    starts,
    { name: "teardown, from the command's output to our end", unit: "ms", target: 500, samples: teardowns, ...(starts.missing !== undefined && { missing: starts.missing }) },
    { name: "exec in a running session", unit: "ms", samples: running.execs, ...missing },
    { name: "our own memory beside QEMU (PSS)", unit: "MB", target: 150, samples: running.memory === undefined ? [] : [running.memory], ...missing },
    await figure({ name: "image on disk", unit: "MB", target: 700 }, 1, () => imageSize(place)),
    buildTime,
  ];
}

function hostFacts(): Record<string, string | number> {
  const text = (command: string, ...args: readonly string[]) => {
    try {
      return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).split("\n")[0] ?? "";
    } catch {
      return "unknown";
    }
  };
  return {
    time: new Date().toISOString(),
    commit: text("git", "-C", dirname(import.meta.dirname), "rev-parse", "HEAD"),
    processors: cpus().length,
    processor: cpus()[0]?.model ?? "unknown",
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    kernel: release(),
    node: process.versions.node,
    qemu: text("qemu-system-x86_64", "--version"),
  };
}

using place = new Place();
const figures = await all(place);
const facts = hostFacts();
const results = join(import.meta.dirname, "results");
mkdirSync(results, { recursive: true });
const file = join(results, `${String(facts["time"]).replaceAll(":", "-")}.json`);
writeFileSync(file, `${JSON.stringify({ host: facts, figures }, undefined, 2)}\n`);
process.stdout.write(`${table(figures)}\n\n${facts["processors"]} processors, ${facts["qemu"]}\n${file}\n`);
