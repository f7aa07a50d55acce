import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Place } from "../../test/support/place.ts";
import { Program } from "../../test/support/program.ts";
import { start } from "../../test/support/started.ts";
import { notMeasured, reasonOf, sampled, wants, type Group } from "../bench.ts";
import type { Figure } from "../figure.ts";

const SESSION = "bench";
const READY = "here-it-is";
const FILES = 10_000;
const BECOME_ROOT = ["become", "--reuid=0", "--regid=0", "--clear-groups", "--"];
const STATUS = "git status on 10,000 files, warm";
const NPM_RUNS = 2; // minutes each under emulation
/** What a developer's tools do all day; each works on the project where it stands, once before it counts. */
const WORK: Readonly<Record<string, { readonly command: string; readonly runs: number }>> = {
  [STATUS]: { command: "git status --porcelain", runs: 5 },
  "ripgrep over 10,000 files": { command: "rg -c needle .", runs: 5 },
  "tar of 10,000 files": { command: "tar -cf /dev/null --exclude=.git .", runs: 5 },
  "npm ci of a few packages without a network": { command: npmCi("npm"), runs: NPM_RUNS },
};
// The same files by another way, which is what the share is measured against.
const PLAIN = "/srv/plain";
const MOUNT_PLAIN = `umount ${PLAIN} && mount -i -t 9p -o trans=virtio,version=9p2000.L,msize=512000,access=any,cache=none more-0 ${PLAIN}`;
const PLAIN_TIME = { name: `${STATUS}, by plain cache=none`, unit: "ms" } as const;
const PLAIN_COUNT = { name: `9p requests of ${STATUS}, by plain cache=none`, unit: "requests" } as const;
const OUR_TIME = { name: `${STATUS}, in the guest again`, unit: "ms", baseline: { of: PLAIN_TIME.name, atMost: 0.2 } } as const;
const OUR_COUNT = { name: `9p requests of ${STATUS}`, unit: "requests", baseline: { of: PLAIN_COUNT.name, atMost: 0.2 } } as const;
const AGAINST_PLAIN = [OUR_TIME, PLAIN_TIME, OUR_COUNT, PLAIN_COUNT] as const;
const NPM_MEMORY = { name: "npm ci in the guest's memory", unit: "ms" } as const;
const NPM_LOCAL = { name: "npm ci with node_modules local, in the guest", unit: "ms", baseline: { of: NPM_MEMORY.name, atMost: 1.3 } } as const;
const LOCAL = [NPM_LOCAL, NPM_MEMORY] as const;
// counts what the guest's kernel sends over 9p while a command runs
const COUNT = `trace=/sys/kernel/tracing; mountpoint -q $trace || mount -t tracefs none $trace; cd $trace
echo 0 >tracing_on; echo 1 >events/9p/9p_client_req/enable; echo 'hist:keys=type' >events/9p/9p_client_req/trigger; echo 1 >tracing_on`;
const COUNTED = `awk '/Hits:/ { print $2 }' /sys/kernel/tracing/events/9p/9p_client_req/hist; cd /sys/kernel/tracing; echo '!hist:keys=type' >events/9p/9p_client_req/trigger`;

/** Work on the project's files: in the guest, over the share, against the same on the host. */
export const files: Group = async ({ runs, say }) => {
  say("making the project's files, and a session");
  using program = new Program("root-door");
  using place = new Place("project", {}, program.command);
  const plain = join(place.folder, "plain");
  fill(place.project);
  cpSync(place.project, plain, { recursive: true, verbatimSymlinks: true });
  place.configure({ image: { tools: ["node@24"] }, share: { local: ["local-npm/node_modules"], directories: [{ path: plain, at: PLAIN, write: true }] } });
  const keeper = place.cloche(["--quiet", "exec", "--name", SESSION, "--", "sh", "-c", `echo ${READY}; exec cat`], { deadlineMs: 60 * 60_000 });
  const figures: Figure[] = [];
  try {
    await keeper.says(new RegExp(READY));
    figures.push(await sampled({ name: "git status on 10,000 files, the first of a session", unit: "ms" }, 1, () => inGuest(place, "git status --porcelain")));
    for (const [name, { command, runs: most }] of Object.entries(WORK)) {
      const guest = { name: `${name}, in the guest`, unit: "ms", baseline: { of: `${name}, on the host` } } as const;
      if (wants(guest)) await inGuest(place, command).catch(() => {}); // warm
      figures.push(await sampled(guest, Math.min(runs, most), () => inGuest(place, command)));
      figures.push(await sampled({ name: guest.baseline.of, unit: "ms" }, Math.min(runs, most), () => onHost(place, command)));
    }
    if (wants(...AGAINST_PLAIN)) figures.push(...(await againstPlain(place, Math.min(runs, 3))));
    const memory = `rm -rf /tmp/npm && mkdir /tmp/npm && cp npm/package*.json /tmp/npm && ${npmCi("/tmp/npm")}`;
    if (wants(...LOCAL)) await inGuest(place, memory).catch(() => {}); // warm
    figures.push(await sampled(NPM_LOCAL, Math.min(runs, NPM_RUNS), () => inGuest(place, npmCi("local-npm"))));
    figures.push(await sampled(NPM_MEMORY, Math.min(runs, NPM_RUNS), () => inGuest(place, npmCi("/tmp/npm"))));
  } catch (error) {
    const meant = [...Object.keys(WORK).map((name) => ({ name: `${name}, in the guest`, unit: "ms" as const })), ...AGAINST_PLAIN, ...LOCAL];
    figures.push(...notMeasured(meant.filter(({ name }) => !figures.some((figure) => figure.name === name)), reasonOf(error)));
  } finally {
    keeper.stdin.end();
    await keeper.ended.catch(() => {});
  }
  return figures;
};

/** `git status` and what it asks of the host, against the same files by a mount that caches nothing. */
async function againstPlain(place: Place, runs: number): Promise<readonly Figure[]> {
  await answered(place, [...BECOME_ROOT, "sh", "-c", `${MOUNT_PLAIN} && echo 0`]);
  const plain = `cd ${PLAIN} && git status --porcelain`;
  await inGuest(place, plain); // warm
  await inGuest(place, "git status");
  return [
    await sampled(OUR_TIME, runs, () => inGuest(place, "git status --porcelain")),
    await sampled(PLAIN_TIME, runs, () => inGuest(place, plain)),
    await sampled(OUR_COUNT, runs, () => requests(place, "git status --porcelain")),
    await sampled(PLAIN_COUNT, runs, () => requests(place, plain)),
  ];
}

/** Puts what is in the cache where it belongs, anew. */
function npmCi(folder: string): string {
  return `rm -rf ${folder}/node_modules/* ${folder}/node_modules/.[!.]* && npm ci --prefix ${folder} --offline --no-audit --no-fund --cache npm-cache`;
}

/** ms that the command takes in the guest, by the guest's own clock, since the way there is another figure. */
async function inGuest(place: Place, command: string): Promise<number> {
  const script = `began=$EPOCHREALTIME; { ${command}; } >/dev/null || exit; echo $(( (\${EPOCHREALTIME/./} - \${began/./}) / 1000 ))`;
  return await answered(place, ["bash", "-c", script]);
}

async function onHost(place: Place, command: string): Promise<number> {
  const script = `began=$EPOCHREALTIME; { ${command}; } >/dev/null || exit; echo $(( (\${EPOCHREALTIME/./} - \${began/./}) / 1000 ))`;
  const { status, stdout, stderr } = await start(["bash", "-c", script], { cwd: place.project, env: { ...place.env, PATH: process.env["PATH"] ?? "" }, input: "" }).ended;
  if (status !== 0) throw new Error(`on the host it ended with ${status}: ${stderr.trim()}`);
  return Number(stdout);
}

/** How many requests the guest sends over 9p for a command. */
async function requests(place: Place, command: string): Promise<number> {
  await answered(place, [...BECOME_ROOT, "bash", "-c", `${COUNT}; echo 0`]);
  await inGuest(place, command);
  return await answered(place, [...BECOME_ROOT, "bash", "-c", COUNTED]);
}

async function answered(place: Place, argv: readonly string[]): Promise<number> {
  const { status, stdout, stderr } = await place.cloche(["exec", "--session", SESSION, "--", ...argv], { input: "", deadlineMs: 10 * 60_000 }).ended;
  if (status !== 0) throw new Error(`in the guest it ended with ${status}: ${stderr.trim()}`);
  return Number(stdout.trim());
}

/** A repository of many small files, and a package that depends on a few others, with what it needs in a cache. */
function fill(project: string): void {
  for (let folder = 0; folder < FILES / 100; folder += 1) {
    const path = join(project, `folder-${folder}`);
    mkdirSync(path);
    for (let file = 0; file < 100; file += 1) writeFileSync(join(path, `file-${file}.txt`), `line ${folder} ${file}\n`.repeat(20) + (file % 50 === 0 ? "needle\n" : ""));
  }
  const npm = join(project, "npm");
  mkdirSync(npm);
  writeFileSync(join(npm, "package.json"), JSON.stringify({ name: "bench", version: "1.0.0", private: true, dependencies: { mocha: "12", zod: "4" } }));
  const run = (command: string, ...args: readonly string[]) => execFileSync(command, args, { cwd: project, stdio: "ignore" });
  // with the places of the packages, which a user may have npm leave out: without them nothing is found in the cache
  run("npm", "install", "--prefix", npm, "--no-audit", "--no-fund", "--cache", "npm-cache", "--no-omit-lockfile-registry-resolved");
  mkdirSync(join(project, "local-npm"));
  for (const name of ["package.json", "package-lock.json"]) cpSync(join(npm, name), join(project, "local-npm", name));
  writeFileSync(join(project, ".gitignore"), "npm\nlocal-npm\nnpm-cache\n");
  run("git", "init", "-q");
  run("git", "config", "gc.auto", "0"); // else it packs in the background what is copied meanwhile
  run("git", "-c", "user.name=bench", "-c", "user.email=bench@localhost", "add", ".");
  run("git", "-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "-qm", "files");
}
