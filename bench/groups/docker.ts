import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Place } from "../../test/support/place.ts";
import { ROOT } from "../../test/support/sources.ts";
import { reasonOf, notMeasured, sampled, timed, type Group } from "../bench.ts";

const MEMORY = "2GiB";
const WITHOUT = { name: "exec -- true in the same machine without Docker, from a template", unit: "s" } as const;
const READY = { name: "with Docker, until the engine has answered the first command, from a template", unit: "s", baseline: { of: WITHOUT.name } } as const;
const RUN = { name: "docker run of a small loaded image", unit: "ms", target: 5_000 } as const;
const SMALL_IMAGE = readFileSync(join(ROOT, "test/support/docker-image.sh"), "utf8");
/** Loads an image, and prints how many ms each run of it takes, by the guest's clock. */
const RUNS = `${SMALL_IMAGE}
for run in $(seq "$RUNS"); do
  began=$(date +%s%N)
  docker run --rm small sleep 0
  echo $((($(date +%s%N) - began) / 1000000))
done`;

/** What a session with Docker's engine takes to be ready, and how long a container takes in it. */
export const docker: Group = async ({ runs, say }) => {
  using place = new Place("project", { CLOCHE_MACHINE_MEMORY: MEMORY });
  const withDocker = { CLOCHE_PLUGINS_DOCKER: "true" };
  try {
    say("making the images and their templates");
    for (const env of [{}, withDocker]) await timed(place, ["--quiet", "build"], { env, deadlineMs: 30 * 60_000 });
    say("starting");
    const seconds = async (env: Record<string, string>, ...command: readonly string[]) => (await timed(place, ["--quiet", "exec", "--", ...command], { env })) / 1000;
    const without = await sampled(WITHOUT, runs, () => seconds({}, "true"));
    const ready = await sampled(READY, runs, () => seconds(withDocker, "docker", "info", "--format", "{{.ServerVersion}}"));
    say("running containers");
    const { status, stdout, stderr } = await place.cloche(["--quiet", "exec", "--", "env", `RUNS=${runs}`, "bash", "-euc", RUNS], { env: withDocker, input: "" }).ended;
    if (status !== 0) throw new Error(`it ended with ${status}: ${stderr.trim()}`);
    return [without, ready, { ...RUN, samples: stdout.trim().split("\n").map(Number) }];
  } catch (error) {
    return notMeasured([WITHOUT, READY, RUN], reasonOf(error));
  }
};
