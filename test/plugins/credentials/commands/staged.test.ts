import { expect } from "chai";
import { everyCommand } from "../../../../core/cli/every-command.ts";
import type { Invocation } from "../../../../core/commands/command.ts";
import { Home } from "../staging/fixture.ts";

/** Runs `cloche config staged` in the home's project, and answers what it printed. */
async function staged(home: Home, json: boolean): Promise<string> {
  let printed = "";
  const command = (await everyCommand()).find(({ name }) => name === "config staged");
  const { default: run } = (await command?.load()) ?? {};
  const io = { print: (line: string) => void (printed += `${line}\n`), printJson: (value: unknown) => void (printed += JSON.stringify(value)), warn: () => {} };
  const flags = { has: (name: string) => json && name === "json", value: () => undefined, all: [] };
  const invocation = { io, flags, words: [], rest: [], directory: home.project, signal: new AbortController().signal, env: { HOME: home.path, GIT_CONFIG_NOSYSTEM: "1" } };
  expect(await run?.(invocation as unknown as Invocation)).to.equal(0);
  return printed;
}

describe("cloche config staged", () => {
  it("lists each file that would cross, from where to where, and why the rest does not", async () => {
    using home = new Home({ ".claude/settings.json": { model: "opus", env: { TOKEN: "canary" } }, ".claude/commands/x.md": "x" });
    const text = await staged(home, false);
    expect(text).to.match(/^settings +\/home\/agent\/\.claude\/settings\.json +\S+\/\.claude\/settings\.json$/m);
    expect(text).to.match(/^commands +\/home\/agent\/\.claude\/commands\/x\.md/m);
    expect(text).to.match(/^settings +\S+settings\.json: env\.TOKEN +not on the list/m).and.not.include("canary");
  });

  it("answers programs in JSON", async () => {
    using home = new Home({ ".claude/commands/x.md": "xy" });
    const { files } = JSON.parse(await staged(home, true)) as { files: object[] };
    expect(files).to.deep.include({ kind: "commands", path: "/home/agent/.claude/commands/x.md", from: `${home.path}/.claude/commands/x.md`, bytes: 2, mode: "644" });
  });
});
