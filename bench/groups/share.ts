import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Place } from "../../test/support/place.ts";
import { notMeasured, reasonOf, sampled, timed, wants, type Group } from "../bench.ts";
import type { Figure } from "../figure.ts";

const MANY = 100_000;
const FEW = 10;
const CHANGED = 1_000;
const LONG_MS = 10 * 60_000;
const ADDED = { name: `what ${MANY.toLocaleString("en")} files in the project add to a start`, unit: "ms", target: 200 } as const;
const REVIEW = { name: `cloche changes and a diff of ${CHANGED} changed files`, unit: "ms", target: 3_000 } as const;
const APPLY = { name: `cloche changes apply of ${CHANGED} changed files`, unit: "ms", target: 3_000 } as const;

/** What a project's size costs a start, and what it takes to look at what a session kept back. */
export const share: Group = async ({ runs, say }) => {
  using few = new Place();
  using many = new Place();
  if (wants(ADDED)) {
    say("making a project of many files");
    write(few.project, FEW);
    write(many.project, MANY);
  }
  const startOf = (place: Place) => timed(place, ["--quiet", "exec", "--", "true"], { deadlineMs: LONG_MS });
  const more: Figure = await sampled(ADDED, runs * 2, async (run) => {
    if (run === 0) await startOf(few); // the template is made by then
    return (await untilFirstWord(many)) - (await untilFirstWord(few));
  });
  if (!wants(REVIEW, APPLY)) return [more];
  say("changes to review");
  return [more, ...(await reviewing(runs))];
};

async function reviewing(runs: number): Promise<readonly Figure[]> {
  using place = new Place();
  place.configure({ share: { mode: "review" } });
  write(place.project, CHANGED);
  try {
    await timed(place, ["--quiet", "exec", "--", "sh", "-c", "find . -type f | while read -r file; do echo changed >>$file; done"], { deadlineMs: LONG_MS });
    const review = await sampled(REVIEW, runs, async () => (await timed(place, ["changes"])) + (await timed(place, ["changes", "diff", "--output", join(place.folder, `patch-${Date.now()}`)])));
    return [review, await sampled(APPLY, 1, () => timed(place, ["changes", "apply"]))];
  } catch (error) {
    return notMeasured([REVIEW, APPLY], reasonOf(error));
  }
}

function write(project: string, count: number): void {
  for (let folder = 0; folder * 100 < count; folder += 1) {
    mkdirSync(join(project, `folder-${folder}`));
    for (let file = 0; file < Math.min(100, count); file += 1) writeFileSync(join(project, `folder-${folder}/${file}.txt`), `line ${file}\n`.repeat(10));
  }
}

/** ms from nothing to the first output of a command in the guest; what comes at the end is no part of a start. */
async function untilFirstWord(place: Place): Promise<number> {
  const began = performance.now();
  const session = place.cloche(["--quiet", "exec", "--", "echo", "here"], { input: "", deadlineMs: LONG_MS });
  await session.says(/here/);
  const took = performance.now() - began;
  await session.ended;
  return took;
}
