import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Disposers } from "../../../core/support/disposers.ts";
import { Place } from "../place.ts";
import { Program } from "../program.ts";
import type { Ended, Started } from "../started.ts";
import { layOutImage } from "./registry.ts";
import { openWorld, type Arrival, type World } from "./world.ts";

const MINUTE = 60_000;
const SESSION = "far";
/** With this file in the guest its session outlives its input, as a copy has to, which gets none. */
export const STAYS = "/tmp/stays";
// whatever proxy this host goes out by, there is none in the world
const NO_PROXIES = { no_proxy: "*", NO_PROXY: "*" };
const BECOME_ROOT = ["become", "--reuid=0", "--regid=0", "--clear-groups", "--"];

/** A session that was started in a world, with what tests do in its guest, and what the witnesses say of it. */
export interface MachineInWorld extends AsyncDisposable {
  readonly world: World;
  readonly place: Place;
  /** The cloche that started the session and keeps it. */
  readonly keeper: Started;
  /** Starts a command in the guest. */
  start(argv: readonly string[], user?: "agent" | "root", input?: string): Started;
  /** Runs a command of cloche on the host that is about the session, and has to succeed; answers what it printed. */
  cloche(...args: readonly string[]): Promise<string>;
  /** Runs a script of bash in the guest that has to succeed; answers what it printed. */
  bash(script: string, user?: "agent" | "root"): Promise<string>;
  /** Does something and answers what reached the witnesses meanwhile. */
  arrivingDuring(act: () => Promise<unknown>): Promise<readonly Arrival[]>;
  /** Does something and answers what came of it; throws when anything at all reached the world meanwhile. */
  nothingArrivesDuring<T>(act: () => Promise<T>): Promise<T>;
}

/** What a test has in its world beyond what every world has. */
export interface Arrangement {
  /** Plugins of `test/support/plugins`, besides the one that lets in root. */
  readonly plugins?: readonly string[];
  /** Names that the web server speaks for too, each under an authority of its own. */
  readonly names?: readonly string[];
  /** Puts files where the web server finds them, and what the user of the host has into his home and the project. */
  arrange?(folder: string, place: Place, world: World): void;
}

/**
 * Opens a world and starts a machine in it. `allowed.test` is allowed and sent to a witness, `denied.test` is only sent there,
 * `resolved.test` is only allowed; the settings are further configuration. The witness is a web server with the file `hello`,
 * the git repository `repository.git` and the Docker image `mirrored`.
 */
export async function startMachineInWorld(settings: Readonly<Record<string, unknown>> = {}, arrangement?: Arrangement): Promise<MachineInWorld> {
  const scope = new Disposers();
  try {
    return await startIn(scope, settings, arrangement);
  } catch (error) {
    await scope.close(); // a test that did not begin has nothing to end
    throw error;
  }
}

async function startIn(scope: Disposers, settings: Readonly<Record<string, unknown>>, arrangement?: Arrangement): Promise<MachineInWorld> {
  const folder = mkdtempSync(join(tmpdir(), "cloche-world-"));
  await scope.defer("remove the folder", () => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "hello"), "hello from outside\n");
  makeRepository(folder);
  layOutImage(folder, "mirrored", { path: "/mirrored", content: "from the mirror\n" });
  const program = new Program("root-door", ...(arrangement?.plugins ?? []));
  await scope.defer("remove the program", () => program[Symbol.dispose]());
  await buildImage(program, settings);
  const world = await openWorld(["allowed.test", "resolved.test", "denied.test"], folder, arrangement?.names);
  await scope.defer("end the world", () => world[Symbol.asyncDispose]());
  const place = new Place("project", NO_PROXIES, [...world.enter, ...program.command]);
  await scope.defer("remove the place", () => place[Symbol.dispose]());
  const ca = join(folder, "ca.pem");
  writeFileSync(ca, world.caPem);
  const witness = { address: "127.0.0.1", port: 443, ca };
  const { egress = {}, ...others } = settings as { readonly egress?: { readonly allow?: readonly unknown[] } };
  const allow = ["allowed.test", "resolved.test", ...(egress.allow ?? [])];
  place.configure({ ...others, egress: { ...egress, allow, upstreams: { "allowed.test": witness, "denied.test": witness } } });
  arrangement?.arrange?.(folder, place, world);
  const keeper = place.cloche(["exec", "--name", SESSION, "--", "sh", "-c", `echo ready; cat; [ ! -e ${STAYS} ] || exec sleep 1000`], { deadlineMs: 20 * MINUTE });
  await scope.defer("end the session", async () => {
    keeper.stdin.end();
    await keeper.ended;
  }, MINUTE);
  await keeper.says(/ready\n/);

  const start: MachineInWorld["start"] = (argv, user = "agent", input = "") =>
    place.cloche(["exec", "--session", SESSION, "--", ...(user === "root" ? BECOME_ROOT : []), ...argv], { input });
  return {
    world,
    place,
    keeper,
    start,
    async cloche(...args) {
      const { status, stdout, stderr } = await place.cloche([...args, "--session", SESSION], { input: "" }).ended;
      expect(status, `${args.join(" ")}\n${stdout}${stderr}`).to.equal(0);
      return stdout;
    },
    async bash(script, user) {
      const { status, stdout, stderr }: Ended = await start(["bash", "-c", script], user).ended;
      expect(status, `${script}\n${stdout}${stderr}`).to.equal(0);
      return stdout;
    },
    async arrivingDuring(act) {
      const { arrivals } = await world.report();
      await act();
      return (await world.report()).arrivals.slice(arrivals.length);
    },
    async nothingArrivesDuring(act) {
      const before = await world.report();
      const result = await act();
      const after = await world.report();
      expect({ arrivals: after.arrivals.slice(before.arrivals.length), counters: after.counters }).to.deep.equal({ arrivals: [], counters: before.counters });
      return result;
    },
    [Symbol.asyncDispose]: async () => await scope.close(),
  };
}

/** In the world there are no packages to fetch, so the image is made outside of it when it is not there yet. */
async function buildImage(program: Program, settings: Readonly<Record<string, unknown>>): Promise<void> {
  using outside = new Place("project", {}, program.command);
  outside.configure({ ...settings, egress: {} });
  const { status, stderr } = await outside.cloche(["build"], { input: "", deadlineMs: 10 * MINUTE }).ended;
  expect(status, stderr).to.equal(0);
}

/** A repository with one file, as plain files for a web server. */
function makeRepository(folder: string): void {
  const work = join(folder, "work");
  const git = (...args: string[]) => execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@test", ...args], { stdio: "pipe" });
  git("init", "-q", work);
  writeFileSync(join(work, "file"), "from the repository\n");
  git("-C", work, "add", "file");
  git("-C", work, "commit", "-qm", "A file");
  git("clone", "-q", "--bare", work, join(folder, "repository.git"));
  git("-C", join(folder, "repository.git"), "update-server-info");
}
