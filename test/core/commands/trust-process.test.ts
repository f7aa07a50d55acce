import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { packageRoot } from "../../../core/support/package-root.ts";
import { Place } from "../config/fixture.ts";

const CLI = join(packageRoot(), "core/cli.ts");
/** A start ends at this plugin of the user's, after all of the configuration was judged and before anything of a session is made. */
const STOP = `import { definePlugin, z } from "cloche";
export default definePlugin({ name: "stop", api: 1, description: "Ends every start.", onByDefault: true, needs: ["nobody"], options: z.strictObject({}), build() {} });`;

function cloche(place: Place, project: string, ...argv: readonly string[]): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...argv], {
    cwd: project, env: { ...place.env, PATH: process.env["PATH"] }, encoding: "utf8", timeout: 30_000,
  });
  return { status, said: stdout + stderr };
}

/** A project whose plugin says, by failing, that it was loaded. */
function asking(place: Place, name: string): string {
  const project = place.directory(name);
  place.file(`${name}/.clocherc.json`, { load: ["./tools.mjs"], plugins: { tools: true } });
  place.file(`${name}/tools.mjs`, "throw new Error('the plugin of the project runs');");
  return project;
}

const hashIn = (said: string): string => /--trust (\w+)/.exec(said)?.[1] ?? "";

/** What begins a start: the image's place in the cache, and the session's own directory. */
const traces = (place: Place): readonly boolean[] => ["cache/cloche/drafts", "runtime", "state/cloche"].map((path) => existsSync(join(place.root, path)));

describe("Trust, by the program itself", () => {
  it("grants what was seen for one start by --trust HASH, and is no answer for the next", () => {
    using place = new Place();
    place.file("config/cloche/stop.mjs", STOP);
    place.user({ load: ["./stop.mjs"] });
    const project = asking(place, "project");
    const hash = hashIn(cloche(place, project, "config").said);
    expect(cloche(place, project, "exec", "--", "true").said).to.include("PLUGIN_NEEDS_OFF").and.not.include("the plugin of the project runs");
    expect(cloche(place, project, "exec", "--trust", hash, "--", "true").said).to.include("the plugin of the project runs");
    expect(cloche(place, project, "exec", "--", "true").said).to.include("PLUGIN_NEEDS_OFF");
    place.file("project/tools.mjs", "throw new Error('another plugin runs');");
    const changed = cloche(place, project, "exec", "--trust", hash, "--", "true");
    expect(changed.said).to.include("TRUST_HASH_WRONG").and.not.include("another plugin runs");
    expect(changed.status).to.not.equal(0);
  }).timeout(60_000);

  it("covers the worktrees below a directory with --covers, and only what asks for exactly the same", () => {
    using place = new Place();
    place.file("config/cloche/stop.mjs", STOP);
    place.user({ load: ["./stop.mjs"] });
    const [main, tree, other] = ["trees/main", "trees/deep/tree", "trees/other"].map((name) => asking(place, name)) as [string, string, string];
    const outside = asking(place, "elsewhere");
    place.file("trees/other/tools.mjs", "throw new Error('something else');");
    const hash = hashIn(cloche(place, main, "config").said);
    expect(cloche(place, main, "trust", "accept", hash, "--covers", "..")).to.deep.include({ status: 0 });
    expect(cloche(place, main, "trust", "accept", hash, "--covers", outside).said).to.include("TRUST_NOT_COVERED");
    for (const covered of [main, tree]) expect(cloche(place, covered, "exec", "--", "true").said).to.include("the plugin of the project runs");
    for (const apart of [other, outside]) expect(cloche(place, apart, "exec", "--", "true").said).to.include("PLUGIN_NEEDS_OFF").and.include("needs the plugin");
  }).timeout(60_000);

  it("marks what the project came to ask for while a session of it ran", () => {
    using place = new Place();
    const asks = (...allow: readonly string[]) => JSON.stringify({ egress: { allow } });
    // it stands for the agent, and the failure for the end of its session
    place.file("config/cloche/agent.mjs", `import { definePlugin, z } from "cloche"; import { writeFileSync } from "node:fs";
      export default definePlugin({ name: "stand-in", api: 1, description: "Asks for more.", onByDefault: true, options: z.strictObject({}), build(_recipe, { session }) {
        writeFileSync(session.project + "/.clocherc.json", ${JSON.stringify(asks("more.test"))}); throw new Error("it has asked"); } });`);
    place.user({ load: ["./agent.mjs"] });
    const asked = () => cloche(place, place.project, "trust").said;
    place.file("project/.clocherc.json", asks("one.test"));
    expect(asked()).to.include("one.test").and.not.include("came about while");
    expect(cloche(place, place.project, "exec", "--name", "sly-fox", "--", "true").said).to.include("it has asked");
    expect(asked()).to.include("more.test").and.include("This came about while the session sly-fox ran here: the agent may have written it.");
    place.file("project/.clocherc.json", asks("one.test"));
    expect(asked()).to.include("one.test").and.not.include("came about while");
  }).timeout(60_000);

  it("leaves nothing begun when a plugin is not right: one line that names its file, and what to do", () => {
    using place = new Place();
    const file = place.file("config/cloche/stop.mjs", STOP);
    place.user({ load: ["./stop.mjs"] });
    const { status, said } = cloche(place, place.project, "exec", "--", "true");
    const lines = said.trimEnd().split("\n");
    expect(lines[0]).to.include(`The plugin "stop" (${file}) needs the plugin "nobody", which does not exist.`);
    expect(said).to.include("cloche plugin enable nobody");
    expect(status).to.be.greaterThan(0);
    expect(traces(place)).to.deep.equal([false, false, false]);
  });
});
