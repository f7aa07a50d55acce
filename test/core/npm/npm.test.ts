import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createReadStream, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "chai";
import { withoutSecrets } from "../../../core/index.ts";
import { npm, type NpmCall } from "../../../core/npm/npm.ts";
import { calm, failureOf, Place } from "./support.ts";

describe("Running the host's npm", () => {
  let place: Place;
  let work: string;

  beforeEach(() => {
    place = new Place();
    work = join(place.folder, "work");
    mkdirSync(work);
  });

  afterEach(() => place[Symbol.dispose]());

  function run(hostEnv: Readonly<Record<string, string>> = {}, call: Partial<NpmCall> = {}): Promise<string> {
    const session = { ...place.facts({ PATH: `${place.bin}:/usr/bin:/bin`, ...hostEnv }), node: join(place.folder, "no-npm-here/node") };
    return npm({ args: ["view", "x"], directory: work, what: "the thing", deadlineMs: 10_000, signal: calm(), ...call }, session);
  }

  it("gives it PATH, HOME and npm's own configuration, and nothing else of our environment", async () => {
    place.npm("env");
    const env = { SECRET: "canary", NODE_OPTIONS: "--import=evil", LANG: "C", npm_config_registry: "https://mirror.test", NPM_CONFIG_CAFILE: "/ca", npm_config_local_prefix: "/p", https_proxy: "http://proxy.test" };
    const names = (await run(env)).split("\n").map((line) => line.replace(/=.*/, "")).filter((name) => !/^(PWD|OLDPWD|SHLVL|_)$/.test(name));
    expect(names.sort()).to.deep.equal(["HOME", "NPM_CONFIG_CAFILE", "PATH", "https_proxy", "npm_config_registry"]);
  });

  it("gives it the variables that the user's npmrc refers to, and hides their values", async () => {
    place.npm(`echo "$MIRROR_TOKEN $UNRELATED"`);
    writeFileSync(join(place.home, ".npmrc"), "//mirror.test/:_authToken=${MIRROR_TOKEN}\nx=${ABSENT?}\n");
    expect(await run({ MIRROR_TOKEN: "token-3c1f9a77", UNRELATED: "canary" })).to.equal("token-3c1f9a77 ");
    expect(withoutSecrets("token-3c1f9a77")).to.equal("[hidden]");
  });

  it("runs it in our directory, which it takes for a project of its own, with scripts off", async () => {
    place.npm(`pwd; cat package.json; echo; echo "$@"`);
    const [where, manifest, args] = (await run()).split("\n");
    expect(where).to.equal(work);
    expect(manifest).to.equal("{}");
    expect(args).to.include("--ignore-scripts").and.include(`--cache=${work}/cache`).and.match(/ view x$/);
  });

  it("never runs an npm of the project's, however the PATH names it", async () => {
    place.npm("echo stranger", join(place.project, "node_modules/.bin"));
    place.npm("echo ours");
    execFileSync("ln", ["-s", place.project, join(place.folder, "link")]);
    const path = [`${place.project}/node_modules/.bin`, `${place.folder}/link/node_modules/.bin`, place.bin].join(":");
    expect(await run({ PATH: `${path}:/usr/bin:/bin` })).to.equal("ours");
  });

  it("takes no npm from wherever we happen to stand", async () => {
    const here = process.cwd();
    place.npm("echo ours");
    const elsewhere = join(place.folder, "elsewhere");
    place.npm("echo stranger", join(elsewhere, "sub"));
    process.chdir(elsewhere);
    try {
      expect(await run({ PATH: `sub:.::${place.bin}:/usr/bin:/bin` })).to.equal("ours");
    } finally {
      process.chdir(here);
    }
  });

  it("prefers the npm beside the running Node", async () => {
    place.npm("echo path");
    place.npm("echo beside", join(place.folder, "no-npm-here"));
    expect(await run()).to.equal("beside");
  });

  it("says that there is no npm", async () => {
    expect((await failureOf(run({ PATH: `${place.bin}:/nonexistent` }))).message).to.include("no npm beside Node or on the PATH");
  });

  for (const [code, hint] of [["E404", "no such version"], ["ENOTFOUND", "cannot be reached"], ["E401", "no valid login"], ["EWHATEVER", "npm view"]] as const) {
    it(`explains ${code}`, async () => {
      place.npm(`echo "npm error code ${code}" >&2; echo "npm error 404 what npm says" >&2; exit 1`);
      const error = await failureOf(run());
      expect(error.message).to.equal(`npm could not get the thing: ${code}: what npm says`);
      expect(error.hint).to.include(hint);
    });
  }

  it("says that the disk is full", async () => {
    place.npm(`echo "npm error code ENOSPC" >&2; exit 1`);
    expect((await failureOf(run())).code).to.equal("NPM_NO_SPACE");
  });

  it("repeats no login out of an address", async () => {
    place.npm(`echo "npm error request to https://me:canary@mirror.test/x failed" >&2; exit 1`);
    expect((await failureOf(run())).message).to.include("https://mirror.test/x").and.not.include("canary");
  });

  it("gives up at its deadline", async () => {
    place.npm("exec sleep 60");
    expect((await failureOf(run({}, { deadlineMs: 200 }))).code).to.equal("NPM_LATE");
  });

  it("ends npm when the session is to end", async () => {
    const started = join(place.folder, "started");
    execFileSync("mkfifo", [started]);
    place.npm(`echo $$ >"${started}"; exec sleep 60`);
    const controller = new AbortController();
    const ending = failureOf(run({}, { signal: controller.signal }));
    const pid = Number(await once(createInterface(createReadStream(started)), "line"));
    controller.abort(new Error("the user wants to stop"));
    expect((await ending).message).to.equal("the user wants to stop");
    expect(() => process.kill(pid, 0)).to.throw("ESRCH");
  });
});
