import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { inMachine } from "../../testing/index.ts";
import { Place } from "../support/place.ts";
import { blocksOf } from "../support/readme-steps.ts";
import { Reader } from "../support/reader.ts";
import { ROOT } from "../support/sources.ts";

const DEADLINE_MS = 480_000;

describe("A plugin from outside in a machine", () => {
  it("does what README.md says it will, typed as it stands there", async () => {
    using place = new Place();
    const reader = new Reader(join(place.folder, "reader"), place.project, place.env, [join(ROOT, "bin/cloche")]);
    const [write, code, use] = blocksOf("Your own").map(({ text }) => text);
    expect(await reader.types(write ?? "")).to.have.property("status", 0);
    writeFileSync(join(place.home, ".config/cloche/plugins/weather/index.js"), code ?? "");
    const used = await reader.types(use ?? "", DEADLINE_MS);
    expect(used, used.output).to.have.property("status", 0);
    expect(used.output).to.include("some rain\n");
  }).timeout(DEADLINE_MS);

  it("is PostgreSQL, ready before the agent; beside tools, sudo and steps of the configuration", async () => {
    const { status, stdout, stderr } = await inMachine({
      plugin: join(ROOT, "examples/postgres"),
      name: "postgres",
      configuration: {
        image: { tools: ["node@24"] },
        agent: { sudo: true },
        provision: [
          { run: "id -un >/tmp/who; pwd >>/tmp/who" },
          { run: "id -un >/tmp/early", as: "root", beforeMounts: true },
          { run: "echo baked by $(id -un) >/etc/baked", as: "root", bake: true },
          { copy: join(ROOT, "LICENSE"), to: "/opt/licence" },
        ],
      },
      command: ["sh", "-euc", `
        psql -Atc "select 'it answers'" "$DATABASE_URL"
        psql -qAtc "create table t (x int); insert into t values (7); select 'seven is ' || x from t"
        node --version; npm --version >/dev/null; sudo -n id -un
        echo "$(cat /tmp/who /tmp/early /etc/baked)"; head -c 60 /opt/licence
        grep -q '^postgresql-17' /usr/share/cloche/packages && echo versions are recorded`],
      project: { "a-file": "" },
      deadlineMs: DEADLINE_MS,
    });
    expect(status, stderr).to.equal(0);
    expect(stdout).to.include("it answers\nseven is 7\nv24.").and.match(/\nroot\nagent\n\/.*\/project\nroot\nbaked by root\n/);
    expect(stdout).to.include("Apache License").and.include("versions are recorded");
  }).timeout(DEADLINE_MS);
});
