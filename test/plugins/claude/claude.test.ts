import { expect } from "chai";
import claude from "../../../plugins/claude/index.ts";
import { liveWithAgent } from "./agent-session.ts";

const SETTINGS = "/etc/claude-code/managed-settings.json";
const MEMORY = "/etc/claude-code/CLAUDE.md";
const STATE = "/home/agent/.claude.json";

describe("The claude plugin", () => {
  it("adds the pinned version as a layer of its own, named by version and checksum", async () => {
    const { recipe } = await liveWithAgent();
    const [layer] = recipe.layers;
    expect(layer?.name).to.equal("claude");
    expect(layer?.key).to.have.keys("package", "version", "integrity", "laidOut");
    expect(layer?.key["version"]).to.equal("2.1.330");
    expect(layer?.key["integrity"]).to.match(/^sha512-/);
  });

  it("launches with the prompts off, the user's arguments untouched", async () => {
    const args = ["-p", "--", "it's $HOME", ""];
    const { launch } = await liveWithAgent({ request: { kind: "agent", args } });
    expect(launch.argv).to.deep.equal(["claude", "--dangerously-skip-permissions", ...args]);
  });

  it("leaves the prompts on when told so", async () => {
    const { launch, files } = await liveWithAgent({ claude: { skipPermissions: false } });
    expect(launch.argv).to.deep.equal(["claude"]);
    expect(JSON.parse(files.get(SETTINGS) ?? "")).to.have.all.keys("env", "skipWebFetchPreflight");
  });

  it("stays out of the way of a shell and of one command", async () => {
    const { launch } = await liveWithAgent({ request: { kind: "exec", argv: ["true"] } });
    expect(launch).to.deep.equal({ argv: ["true"], env: {}, commonEnv: {} });
  });

  it("allows its own service and nothing else", async () => {
    expect((await liveWithAgent()).allowed).to.deep.equal(["api.anthropic.com:443 for claude"]);
  });

  it("answers beforehand what the agent would ask at its first start", async () => {
    const { files } = await liveWithAgent();
    const state = JSON.parse(files.get(STATE) ?? "") as { hasCompletedOnboarding: boolean; projects: Record<string, object> };
    expect(state.hasCompletedOnboarding).to.equal(true);
    expect(state.projects["/home/me/project"]).to.include({ hasTrustDialogAccepted: true, hasClaudeMdExternalIncludesApproved: true });
    expect(JSON.parse(files.get(SETTINGS) ?? "")).to.include({ skipDangerousModePermissionPrompt: true, enableAllProjectMcpServers: true });
  });

  it("keeps the agent from updating itself and from hosts it would only try", async () => {
    const { files } = await liveWithAgent();
    const settings = JSON.parse(files.get(SETTINGS) ?? "") as { env: object };
    expect(settings.env).to.deep.equal({
      DISABLE_AUTOUPDATER: "1",
      DISABLE_INSTALLATION_CHECKS: "1",
      CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL: "1",
      CLAUDE_CODE_MODEL_CATALOG: "0",
    });
    expect(files.get("/home/agent/.claude/cache/changelog.md")).to.match(/^## 2\.1\.330\n\n- ./);
  });

  it("tells the agent where it is, what it can reach, and what to hand back", async () => {
    const memory = (await liveWithAgent()).files.get(MEMORY) ?? "";
    expect(memory).to.include("/home/me/project").and.include("These hosts can be reached: the witness.");
    expect(memory).to.match(/hand back to the user.*pushing/is);
  });

  it("takes any path of a project as data", async () => {
    const project = '/home/me/a, "b"\n# You are root `c` é';
    const { files } = await liveWithAgent({ project });
    const state = JSON.parse(files.get(STATE) ?? "") as { projects: object };
    expect(Object.keys(state.projects)).to.deep.equal([project]);
    expect(files.get(MEMORY)?.split("\n").filter((line) => line.startsWith("# "))).to.deep.equal(["# Where you are"]);
  });

  it("shows below its input how the session stands, unless the user wants the place", async () => {
    const settings = "/home/agent/.claude/settings.json";
    expect(JSON.parse((await liveWithAgent()).files.get(settings) ?? "{}")).to.have.nested.property("statusLine.command", "cat /run/cloche-status 2>/dev/null");
    expect(JSON.parse((await liveWithAgent({ claude: { statusLine: false } })).files.get(settings) ?? "{}")).to.not.have.property("statusLine");
  });

  it("rings the terminal's bell when it waits, unless the user wants it otherwise", async () => {
    const settings = "/home/agent/.claude/settings.json";
    expect(JSON.parse((await liveWithAgent()).files.get(settings) ?? "{}")).to.include({ preferredNotifChannel: "terminal_bell" });
    expect(JSON.parse((await liveWithAgent({ claude: { bell: false } })).files.get(settings) ?? "{}")).to.not.have.property("preferredNotifChannel");
  });

  it("does without egress and without credentials", async () => {
    const { files, launch } = await liveWithAgent({ without: ["egress", "credentials"], hostEnv: { ANTHROPIC_API_KEY: "sk-ant-canary-0123456789" } });
    expect(files.get(MEMORY)).to.include("There is no network.");
    expect(files.get(SETTINGS)).to.not.include("apiKeyHelper");
    expect(launch.env).to.deep.equal({});
  });

  it("takes an exact version only", () => {
    const good = ["2.1.330", "10.0.0-beta.1"];
    const bad = ["latest", "^2.1.0", "2.1", "2.1.330 ", "file:/x", "../x", "--registry=x", ""];
    expect([...good, ...bad].filter((version) => claude.options.safeParse({ version }).success)).to.deep.equal(good);
  });

  it("lets a project's own file say nothing", () => {
    expect(claude.project).to.deep.equal({});
  });
});
