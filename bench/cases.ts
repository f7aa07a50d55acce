import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { linkOr, readOr } from "../test/support/proc.ts";
import type { Place } from "../test/support/place.ts";

const MEGABYTE = 1e6;
const MARK = "here-it-is";

/** Whole process of `cloche --version`, in ms. */
export async function version(place: Place): Promise<number> {
  return await timed(place, ["--version"]);
}

/** One start from cold, in ms: until the first output of a command in the guest, and from its end to ours. */
export async function coldStart(place: Place): Promise<{ readonly start: number; readonly teardown: number }> {
  const began = performance.now();
  const running = place.cloche(["--quiet", "exec", "--", "echo", MARK]);
  await running.says(new RegExp(MARK));
  const said = performance.now();
  const { status, stderr } = await running.ended;
  if (status !== 0) throw new Error(`exec ended with ${status}: ${stderr.trim()}`);
  return { start: said - began, teardown: performance.now() - said };
}

/** What is measured while one session runs: `times` execs in it, in ms, and the memory of our own processes, in MB. */
export async function runningSession(place: Place, times: number): Promise<{ readonly execs: readonly number[]; readonly memory: number }> {
  const name = "bench";
  const session = place.cloche(["--quiet", "exec", "--name", name, "--", "sh", "-c", `echo ${MARK}; cat`]);
  try {
    await session.says(new RegExp(MARK));
    const memory = ownMemory(session.pid);
    const execs: number[] = [];
    for (let run = 0; run < times; run += 1) execs.push(await timed(place, ["exec", "--session", name, "--", "true"]));
    return { execs, memory };
  } finally {
    session.stdin.end();
    await session.ended;
  }
}

/** Time of `cloche build --rebuild`, in seconds. */
export async function build(place: Place): Promise<number> {
  return (await timed(place, ["--quiet", "build", "--rebuild"], 30 * 60_000)) / 1000;
}

/** What the image takes on disk: the newest base and the layers over it, in MB. */
export function imageSize(place: Place): number {
  const cache = join(place.env["XDG_CACHE_HOME"] ?? "", "cloche");
  const parts = (kind: string) => readdirSync(join(cache, kind)).map((name) => ({ size: sizeOf(join(cache, kind, name)), time: statSync(join(cache, kind, name)).mtimeMs }));
  const [base] = parts("bases").sort((a, b) => b.time - a.time);
  const layers = parts("layers").sort((a, b) => b.time - a.time).slice(0, 1);
  if (!base) throw new Error("there is no image");
  return [base, ...layers].reduce((total, { size }) => total + size, 0) / MEGABYTE;
}

async function timed(place: Place, args: readonly string[], deadlineMs?: number): Promise<number> {
  const began = performance.now();
  const { status, stderr } = await place.cloche(args, { input: "", ...(deadlineMs !== undefined && { deadlineMs }) }).ended;
  const took = performance.now() - began;
  if (status !== 0) throw new Error(`it ended with ${status}: ${stderr.trim().split("\n")[0] ?? ""}`);
  return took;
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((total, name) => total + statSync(join(folder, name)).blocks * 512, 0);
}

/** The proportional share of memory of a process and all below it but QEMU, in MB. */
function ownMemory(pid: number): number {
  return familyOf(String(pid))
    .filter((member) => !linkOr(`/proc/${member}/exe`).includes("qemu-system"))
    .map((member) => Number(/^Pss:\s+(\d+) kB/m.exec(readOr(`/proc/${member}/smaps_rollup`))?.[1] ?? 0) * 1024)
    .reduce((total, bytes) => total + bytes, 0) / MEGABYTE;
}

function familyOf(pid: string): readonly string[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean));
  return [pid, ...children.flatMap(familyOf)];
}
