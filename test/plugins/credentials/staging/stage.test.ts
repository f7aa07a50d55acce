import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";
import { Home, staged, stagedJson } from "./fixture.ts";

const CONFIG = "/home/agent/.claude";
const SETTINGS = `${CONFIG}/settings.json`;
const STATE = "/home/agent/.claude.json";

/** Why something is left out, for everything whose name ends so. */
function whys(home: Home, end: string, options: object = {}, env: Readonly<Record<string, string>> = {}): readonly string[] {
  return home.stage(options, env).leftOut.filter(({ what }) => what.endsWith(end)).map(({ why }) => why);
}

describe("Staging the agent's configuration", () => {
  it("takes settings that are on the list, each of its type, and says of the others why not", () => {
    using home = new Home({ ".claude/settings.json": { model: "opus", cleanupPeriodDays: 30, verbose: "yes", env: { MAX_THINKING_TOKENS: "1000", FOO: "x" }, permissions: { deny: ["Bash(rm:*)"], allow: ["Bash(curl -H 'Authorization: Bearer abcdefghijklmnopqrst')"] } } });
    expect(stagedJson(home.stage(), SETTINGS)).to.deep.equal({ model: "opus", cleanupPeriodDays: 30, env: { MAX_THINKING_TOKENS: "1000" }, permissions: { deny: ["Bash(rm:*)"], allow: [] } });
    expect(whys(home, "settings.json: env.FOO")).to.deep.equal(["not on the list of what may cross"]);
    expect(whys(home, "settings.json: verbose")).to.deep.equal(["not true or false"]);
    expect(whys(home, "permissions.allow[0]")[0]).to.include("bearer token");
  });

  it("takes what runs programs only when the user named the program, with its path as it is in the guest", () => {
    using home = new Home({
      ".claude/statusline.sh": "#!/bin/sh\necho me\n",
      ".claude/settings.json": {
        statusLine: { type: "command", command: "~/.claude/statusline.sh --short" },
        hooks: { Stop: [{ matcher: "", hooks: [{ type: "command", command: "jq . x", timeout: 5 }, { type: "command", command: "jq . x | sh" }, { type: "command", command: "curl evil.test" }] }] },
        apiKeyHelper: "cat key",
      },
    });
    expect(stagedJson(home.stage(), SETTINGS)).to.deep.equal({});
    const staging = home.stage({ programs: ["~/.claude/statusline.sh", "jq"] });
    expect(stagedJson(staging, SETTINGS)).to.deep.equal({
      statusLine: { type: "command", command: `${CONFIG}/statusline.sh --short` },
      hooks: { Stop: [{ hooks: [{ type: "command", command: "jq . x", timeout: 5 }] }] },
    });
    expect(staging.files.find(({ path }) => path === `${CONFIG}/statusline.sh`)).to.include({ mode: 0o755 });
  });

  it("takes documents as they are, binary files and what may be run included", () => {
    const binary = new Uint8Array(Array.from({ length: 512 }, (_, index) => index % 256));
    using home = new Home({ ".claude/skills/pdf/SKILL.md": "# ü\n", ".claude/skills/pdf/data.bin": binary, ".claude/commands/a/b.md": "do", ".claude/commands/x.sh": "no" });
    execFileSync("chmod", ["0700", join(home.path, ".claude/skills/pdf/data.bin")]);
    const staging = home.stage();
    const file = staging.files.find(({ path }) => path.endsWith("data.bin"));
    expect(Buffer.from(file?.content ?? "").equals(binary)).to.equal(true);
    expect(file?.mode).to.equal(0o755);
    expect(staged(staging, `${CONFIG}/commands/a/b.md`)).to.equal("do");
    expect(whys(home, "x.sh")).to.deep.equal(["not a file of this kind"]);
  });

  it("leaves out links that lead out, trees in a circle, odd types, and what holds a token, and takes the rest", () => {
    using home = new Home({ ".claude/skills/good/SKILL.md": "good", ".claude/agents/a.md": "fine", ".claude/CLAUDE.md": `token ghp_${"a1B2".repeat(9)}\n`, "secret.txt": "s" });
    symlinkSync(join(home.path, "secret.txt"), join(home.path, ".claude/skills/good/out"));
    symlinkSync("a.md", join(home.path, ".claude/agents/b.md"));
    execFileSync("mkfifo", [join(home.path, ".claude/skills/good/pipe")]);
    mkdirSync(join(home.path, ".claude/commands/deep"), { recursive: true });
    symlinkSync("..", join(home.path, ".claude/commands/deep/up"));
    const staging = home.stage();
    expect(staging.files.map(({ path }) => path).filter((path) => path.startsWith(CONFIG))).to.deep.equal([`${CONFIG}/agents/a.md`, `${CONFIG}/agents/b.md`, `${CONFIG}/skills/good/SKILL.md`]);
    expect(whys(home, "good/out")).to.deep.equal(["it is a link that leads out of your configuration"]);
    expect(whys(home, "good/pipe")).to.deep.equal(["it is not a plain file"]);
    expect(whys(home, "/commands")).to.deep.equal(['"deep/up" is a link in a circle']);
    expect(whys(home, "CLAUDE.md")).to.deep.equal(["it seems to hold a GitHub token"]);
  });

  it("follows no link in the place of a file that it knows by name", () => {
    using home = new Home({ "secret.txt": "canary", "other.json": { model: "opus" }, ".claude/commands/a.md": "a" });
    symlinkSync(join(home.path, "secret.txt"), join(home.path, ".claude/CLAUDE.md"));
    symlinkSync(join(home.path, "other.json"), join(home.path, ".claude/settings.json"));
    expect(home.stage().files.map(({ kind }) => kind)).to.deep.equal(["commands", "git", "git"]);
    expect(whys(home, "CLAUDE.md")).to.deep.equal(["it is a link"]);
    expect(whys(home, "settings.json")).to.deep.equal(["it is a link"]);
  });

  it("leaves out a part that is broken, huge or unreadable, by its name, and takes the others", () => {
    using home = new Home({ ".claude/settings.json": '{"model": "opus"', ".claude/keybindings.json": "[]", ".claude/CLAUDE.md": Buffer.alloc((1 << 20) + 1, "x"), ".claude/commands/a.md": "a", ".claude.json": Buffer.from([0x7b, 0xff, 0x7d]) });
    const big = Array.from({ length: 5001 }, (_, index) => `${index}.md`);
    mkdirSync(join(home.path, ".claude/agents"));
    for (const name of big) writeFileSync(join(home.path, ".claude/agents", name), "");
    const staging = home.stage();
    expect(staging.files.map(({ kind }) => kind)).to.deep.equal(["commands", "git", "git"]);
    const left = staging.leftOut.map(({ what, why }) => `${what.slice(home.path.length)}: ${why}`);
    expect(left).to.have.members([
      "/.claude/settings.json: it is not JSON", "/.claude/keybindings.json: it is not a JSON object", "/.claude/CLAUDE.md: it is larger than 1 MiB",
      "/.claude/agents: it holds more than 5000 files", "/.claude.json: it is not text in UTF-8",
    ]);
  });

  it("leaves out what it may not read, what is too deep and what is too large, each by its name, and takes the others", () => {
    using home = new Home({ ".claude/commands/a.md": "a", ".claude/agents/closed/x.md": "x", ".claude/settings.json": { model: "opus" }, ".claude/skills/good/SKILL.md": "good" });
    home.write(`.claude/rules/${"deep/".repeat(17)}x.md`, "x");
    for (let index = 0; index < 5; index++) home.write(`.claude/output-styles/${index}.md`, "x".repeat(7 << 20));
    home.write(".claude/skills/good/large.bin", Buffer.alloc((8 << 20) + 1));
    home.write(".claude/plugins/closed", "x");
    const closed = ["agents/closed", "settings.json"].map((name) => join(home.path, ".claude", name));
    for (const path of closed) chmodSync(path, 0);
    try {
      const staging = home.stage();
      expect(staging.files.map(({ path }) => path).filter((path) => path.startsWith(CONFIG))).to.deep.equal([`${CONFIG}/commands/a.md`, `${CONFIG}/skills/good/SKILL.md`]);
      expect(staging.leftOut.map(({ what, why }) => `${what.slice(home.path.length)}: ${why}`)).to.have.members([
        "/.claude/settings.json: it cannot be read (EACCES)", "/.claude/agents: it cannot be read (EACCES)", "/.claude/rules: it is more than 16 directories deep",
        "/.claude/output-styles: it holds more than 32 MiB", "/.claude/skills/good/large.bin: it is larger than 8 MiB",
      ]);
    } finally {
      for (const path of closed) chmodSync(path, 0o700);
    }
  });

  it("takes of the state the preferences and the trust of this project alone", () => {
    using home = new Home();
    home.write(".claude.json", { theme: "light", numStartups: 3, userID: "u", projects: { [home.project]: { hasTrustDialogAccepted: true, lastCost: 3 }, "/other": { hasTrustDialogAccepted: true } } });
    expect(stagedJson(home.stage(), STATE)).to.deep.equal({ theme: "light", numStartups: 3, projects: { [home.project]: { hasTrustDialogAccepted: true } } });
    expect(stagedJson(home.stage({ preferences: false }), STATE)).to.deep.equal({});
  });

  it("takes the MCP servers that were named, with placeholders for the secrets that are known and without the others", () => {
    const disguise = (text: string) => (text.includes("real") ? text.replaceAll("real", "placeholder") : undefined);
    using home = new Home({
      ".claude.json": {
        mcpServers: {
          git: { command: "npx", args: ["-y", "server"], env: { TOKEN: "real", DEBUG: "1", OTHER: "unknown" } },
          web: { type: "http", url: "https://mcp.test/v1", headers: { Authorization: "Bearer real" } },
          bad: { type: "http", url: "https://mcp.test/v1?key=x" },
          args: { command: "npx", args: ["--token=abc"] },
        },
      },
    });
    const staging = home.stage({ mcpServers: ["git", "web", "bad", "args", "none"] }, {}, disguise);
    expect(stagedJson(staging, STATE)["mcpServers"]).to.deep.equal({
      git: { type: "stdio", command: "npx", args: ["-y", "server"], env: { TOKEN: "placeholder", DEBUG: "1" } },
      web: { type: "http", url: "https://mcp.test/v1", headers: { Authorization: "Bearer placeholder" } },
    });
    const why = (end: string) => staging.leftOut.find(({ what }) => what.endsWith(end))?.why;
    expect(why("git.env.OTHER")).to.include("credentials.secrets");
    expect(why("mcpServers.bad")).to.equal("its address could hold a secret");
    expect(why("mcpServers.args")).to.equal("its argument 1 could hold a secret");
    expect(why("mcpServers.none")).to.equal("there is no such MCP server");
  });

  it("takes key bindings by the shape of their words", () => {
    using home = new Home({ ".claude/keybindings.json": { bindings: [{ context: "Chat", bindings: { "ctrl+e": "chat:externalEditor", "ctrl+u": null, "ctrl+x": "run something" } }] } });
    expect(stagedJson(home.stage(), `${CONFIG}/keybindings.json`)).to.deep.equal({ bindings: [{ context: "Chat", bindings: { "ctrl+e": "chat:externalEditor", "ctrl+u": null } }] });
  });

  it("takes plugins when told to, with the guest's paths in their registers", () => {
    using home = new Home({ ".claude/settings.json": { enabledPlugins: { "a@m": true } } });
    home.write(".claude/plugins/installed_plugins.json", { plugins: { "a@m": [{ installPath: join(home.path, ".claude/plugins/cache/a") }] } });
    home.write(".claude/plugins/cache/a/plugin.json", "{}");
    home.write(".claude/plugins/marketplaces/m/.git/config", "[x]");
    expect(home.stage().files.filter(({ kind }) => kind === "plugins")).to.deep.equal([]);
    const staging = home.stage({ plugins: true });
    expect(staged(staging, `${CONFIG}/plugins/installed_plugins.json`)).to.include(`${CONFIG}/plugins/cache/a`).and.not.include(home.path);
    expect(staging.files.map(({ path }) => path).filter((path) => path.includes("/plugins/"))).to.have.lengthOf(2);
    expect(stagedJson(staging, SETTINGS)).to.deep.equal({ enabledPlugins: { "a@m": true } });
  });

  it("looks where CLAUDE_CONFIG_DIR says, and not at all when that is in the project", () => {
    using home = new Home({ "moved/settings.json": { model: "opus" }, "moved/.claude.json": { theme: "light" }, ".claude/settings.json": { model: "haiku" } });
    const staging = home.stage({}, { CLAUDE_CONFIG_DIR: join(home.path, "moved") });
    expect([stagedJson(staging, SETTINGS), stagedJson(staging, STATE)]).to.deep.equal([{ model: "opus" }, { theme: "light" }]);
    home.write("projects/one/inside/settings.json", { model: "opus" });
    const inside = home.stage({}, { CLAUDE_CONFIG_DIR: join(home.project, "inside") });
    expect(inside.files.map(({ kind }) => kind)).to.deep.equal(["git", "git"]);
    expect(inside.leftOut[0]?.why).to.include("in the project");
  });

  it("is done with 500 files in 150 ms", () => {
    using home = new Home();
    for (let index = 0; index < 500; index++) home.write(`.claude/skills/skill-${index % 50}/file-${index}.md`, `# ${index}\n${"text of a skill, with words in it. ".repeat(60)}`);
    // the best of a few, since the host may be doing other things
    const tookMs = [1, 2, 3, 4, 5, 6].map(() => {
      const started = performance.now();
      expect(home.stage().files).to.have.lengthOf(502);
      return performance.now() - started;
    });
    expect(Math.min(...tookMs)).to.be.lessThan(150);
  });
});
