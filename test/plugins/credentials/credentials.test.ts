import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { ClocheError, withoutSecrets } from "../../../core/index.ts";
import credentials from "../../../plugins/credentials/index.ts";
import { liveWithAgent, type AgentLife, type AgentLifeOptions } from "../claude/agent-session.ts";
import { Home, stagedJson } from "./staging/fixture.ts";

const KEY = "sk-ant-api03-canary-4f9d3b71c8e2a605";
const hostEnv = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_API_KEY_OLD: "sk-ant-other-0000000000", OTHER_SECRET: "other-secret-value" };
const SETTINGS = "/etc/claude-code/managed-settings.json";

describe("The credentials plugin", () => {
  it("gives the agent's command a placeholder for the key, and the key to the gateway alone", async () => {
    const life = await liveWithAgent({ hostEnv });
    const placeholder = life.launch.env["AGENT_API_KEY"] ?? "";
    expect(placeholder).to.match(/^sk-ant-api03-[A-Za-z0-9]{32}$/);
    expect(life.gateway?.services).to.deep.equal([{
      dialect: "anthropic", host: "api.anthropic.com", port: 443, base: "", allow: [], headers: [],
      credential: { kind: "fixed", header: "x-api-key", value: KEY, placeholder },
    }]);
    expect(guestSide(life)).to.not.include("canary");
    expect((await liveWithAgent({ hostEnv })).launch.env["AGENT_API_KEY"]).to.not.equal(placeholder);
  });

  it("tells the agent which variable to print as its key, and says nothing of it when there is none", async () => {
    const withKey = JSON.parse((await liveWithAgent({ hostEnv })).files.get(SETTINGS) ?? "") as Record<string, unknown>;
    expect(withKey["apiKeyHelper"]).to.equal('printf %s "$AGENT_API_KEY"');
    const without = JSON.parse((await liveWithAgent()).files.get(SETTINGS) ?? "") as Record<string, unknown>;
    expect(without).to.not.have.property("apiKeyHelper");
  });

  it("gives a shell and a command nothing of it", async () => {
    const shell = await liveWithAgent({ hostEnv, request: { kind: "shell" } });
    const exec = await liveWithAgent({ hostEnv, request: { kind: "exec", argv: ["env"] } });
    expect([shell.launch.env, exec.launch.env]).to.deep.equal([{}, {}]);
  });

  it("takes nothing of the host's environment but the exact names", async () => {
    const { ANTHROPIC_API_KEY: _, ...others } = hostEnv;
    const life = await liveWithAgent({ hostEnv: others });
    expect(life.launch.env).to.deep.equal({});
    expect(life.gateway?.services[0]?.credential).to.deep.equal({ kind: "none" });
  });

  it("uses a token of the Claude login as such", async () => {
    const life = await liveWithAgent({ hostEnv: { CLAUDE_CODE_OAUTH_TOKEN: "sk-ant-oat01-canary-0123456789" } });
    const placeholder = life.launch.env["CLAUDE_CODE_OAUTH_TOKEN"];
    expect(life.gateway?.services[0]?.credential).to.deep.equal({ kind: "fixed", header: "authorization", value: "sk-ant-oat01-canary-0123456789", placeholder });
    expect(guestSide(life)).to.not.include("canary");
  });

  it("uses the login of the host's own Claude by its file, and gives the guest one with placeholders that never end", async () => {
    const login = { accessToken: "sk-ant-oat01-canary", refreshToken: "sk-ant-ort01-canary", expiresAt: Date.now() + 3_600_000, scopes: ["user:inference", "bad scope"], subscriptionType: "max", email: "canary@example.com" };
    using home = new Home({ ".claude/.credentials.json": { claudeAiOauth: login } });
    const life = await liveWithAgent({ hostEnv: { HOME: home.path } });
    const { credential } = life.gateway?.services[0] ?? {};
    expect(credential).to.include({ kind: "host login", refresh: false });
    const inGuest = JSON.parse(life.files.get("/home/agent/.claude/.credentials.json") ?? "") as { claudeAiOauth: Record<string, unknown> };
    expect(inGuest.claudeAiOauth).to.include({ accessToken: credential && "placeholder" in credential && credential.placeholder, expiresAt: Date.UTC(2100, 0), subscriptionType: "max" });
    expect(inGuest.claudeAiOauth["scopes"]).to.deep.equal(["user:inference"]);
    expect(guestSide(life)).to.not.include("canary");
  });

  it("says what to do when the host's login has expired", async () => {
    using home = new Home({ ".claude/.credentials.json": { claudeAiOauth: { accessToken: "sk-ant-oat01-0123456789abcdef", expiresAt: 1 } } });
    expect((await liveWithAgent({ hostEnv: { HOME: home.path } })).said.join("\n")).to.include("has expired. Run `claude`");
  });

  it("opens the login's host only for logging in inside", async () => {
    const inside = await liveWithAgent({ hostEnv, credentials: { login: "inside" } });
    expect(inside.allowed).to.deep.equal(["api.anthropic.com:443 for claude", "platform.claude.com:443 for credentials.login"]);
    expect([inside.launch.env, inside.gateway?.services[0]?.credential.kind]).to.deep.equal([{}, "login inside"]);
    expect((await liveWithAgent({ hostEnv })).allowed).to.deep.equal(["api.anthropic.com:443 for claude"]);
  });

  it("says the three ways when there is none, and once when there is one", async () => {
    const stateDir = mkdtempSync(join(tmpdir(), "cs-"));
    try {
      expect((await liveWithAgent({ stateDir })).said).to.have.lengthOf(4);
      expect((await liveWithAgent({ stateDir })).said).to.have.lengthOf(4);
      const first = (await liveWithAgent({ stateDir, hostEnv })).said;
      expect(first[0]).to.include("your API key, which stays on this host");
      expect((await liveWithAgent({ stateDir, hostEnv })).said).to.deep.equal([]);
      expect((await liveWithAgent({ stateDir, request: { kind: "exec", argv: ["true"] } })).said).to.deep.equal([]);
    } finally {
      rmSync(stateDir, { recursive: true });
    }
  });

  it("gives the guest placeholders for the secrets of the table, and allows their hosts", async () => {
    const table = { openai: {}, mine: { source: { env: "MINE" }, hosts: ["api.example.com"], place: [{ header: "x-key" }], variable: "MY_KEY" } };
    const life = await liveWithAgent({ request: { kind: "shell" }, hostEnv: { OPENAI_API_KEY: "sk-proj-canary-000011112222", MINE: "canary-3344556677" }, credentials: { secrets: table } });
    expect(life.allowed).to.include.members(["api.openai.com:443 for credentials.secrets.openai", "api.example.com:443 for credentials.secrets.mine"]);
    const [openai, mine] = life.gateway?.swaps ?? [];
    expect(life.launch.env).to.deep.equal({ OPENAI_API_KEY: openai?.placeholder, MY_KEY: mine?.placeholder });
    expect(mine).to.include({ value: "canary-3344556677" }).and.have.deep.property("places", [{ header: "x-key" }]);
    expect(openai?.placeholder).to.match(/^sk-proj-/);
    expect(guestSide(life)).to.not.include("canary");
  });

  it("gives a host of repositories the user's token in the gateway, and the guest a rewriting of its remotes", async () => {
    const life = await liveWithAgent({ hostEnv: { TOKEN: "ghp_canary0123456789" }, credentials: { git: { "git.example.com": { source: { env: "TOKEN" }, push: ["me/mine"], fetch: ["me/other"] } } } });
    expect(life.gateway?.git).to.deep.equal([{ host: "git.example.com", user: "x-access-token", token: "ghp_canary0123456789", repositories: [{ path: "me/mine", push: true }, { path: "me/other", push: false }] }]);
    expect(life.files.get("/etc/gitconfig")).to.include('[url "https://git.example.com/"]').and.include("insteadOf = git@git.example.com:");
    expect(life.allowed).to.include("git.example.com:443 for credentials.git");
    expect(guestSide(life)).to.not.include("canary");
  });

  it("speaks to another service as the host's variables say, and lets nobody speak to the agent's own", async () => {
    const life = await liveWithAgent({ hostEnv: { ANTHROPIC_BASE_URL: "https://llm.example.com/anthropic/", ANTHROPIC_AUTH_TOKEN: "canary-token-0011", ANTHROPIC_CUSTOM_HEADERS: "X-Team: canary-team\n" } });
    const placeholder = life.launch.env["ANTHROPIC_AUTH_TOKEN"];
    expect(life.launch.env).to.deep.equal({ ANTHROPIC_BASE_URL: "https://llm.example.com/anthropic", ANTHROPIC_AUTH_TOKEN: placeholder });
    expect(life.gateway?.services.map(({ host, base, headers, credential }) => [host, base, headers, credential.kind])).to.deep.equal([
      ["llm.example.com", "/anthropic", [["X-Team", "canary-team"]], "fixed"], ["api.anthropic.com", "", [], "none"],
    ]);
    expect(guestSide(life)).to.not.include("canary");
  });

  it("finds the service's variables in the agent's own settings too", async () => {
    using home = new Home({ ".claude/settings.json": { env: { ANTHROPIC_BASE_URL: "https://llm.example.com", ANTHROPIC_AUTH_TOKEN: "canary-token-0011", OTHER: "canary" } } });
    const life = await liveWithAgent({ hostEnv: { HOME: home.path } });
    expect(life.gateway?.services[0]).to.include({ host: "llm.example.com" }).and.have.nested.property("credential.value", "canary-token-0011");
    expect(guestSide(life)).to.not.include("canary");
  });

  it("speaks to Bedrock with a key, to Vertex with a token, and says what cannot be brokered", async () => {
    const bedrock = await liveWithAgent({ hostEnv: { CLAUDE_CODE_USE_BEDROCK: "1", AWS_REGION: "eu-west-1", AWS_BEARER_TOKEN_BEDROCK: "canary-bedrock" } });
    expect(bedrock.gateway?.services[0]).to.include({ dialect: "bedrock", host: "bedrock-runtime.eu-west-1.amazonaws.com" });
    expect(bedrock.launch.env).to.include({ CLAUDE_CODE_USE_BEDROCK: "1", AWS_REGION: "eu-west-1" }).and.have.property("AWS_BEARER_TOKEN_BEDROCK");
    expect(guestSide(bedrock)).to.not.include("canary");
    const noKeys = { CLAUDE_CODE_USE_BEDROCK: "1", AWS_PROFILE: "canary-profile", AWS_SECRET_ACCESS_KEY: "canary-secret" };
    expect(String(await failure({ hostEnv: noKeys }))).to.include("profiles, single sign-on and roles cannot").and.include("aws configure export-credentials").and.not.include("canary");
    for (const [name, service] of [["ANTHROPIC_BEDROCK_BASE_URL", "CLAUDE_CODE_USE_BEDROCK"], ["ANTHROPIC_VERTEX_BASE_URL", "CLAUDE_CODE_USE_VERTEX"]] as const) {
      expect(String(await failure({ hostEnv: { [service]: "1", [name]: "https://canary.test" } }))).to.include(name).and.not.include("canary");
    }
    expect(String(await failure({ hostEnv: { CLAUDE_CODE_USE_VERTEX: "1" } }))).to.include("ANTHROPIC_VERTEX_PROJECT_ID");
  });

  it("lets the agent sign for Bedrock with placeholders of Amazon's keys", async () => {
    const life = await liveWithAgent({ hostEnv: { CLAUDE_CODE_USE_BEDROCK: "1", AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "AKIACANARY0123456789", AWS_SECRET_ACCESS_KEY: "canary/secret+0123456789", AWS_SESSION_TOKEN: "canary-session-0123456789" } });
    const { credential } = life.gateway?.services[0] ?? {};
    const { AWS_ACCESS_KEY_ID: placeholder, AWS_SECRET_ACCESS_KEY: secret, ...rest } = life.launch.env;
    expect(credential).to.deep.equal({ kind: "signed", keyId: "AKIACANARY0123456789", secretKey: "canary/secret+0123456789", sessionToken: "canary-session-0123456789", region: "eu-west-1", placeholder });
    expect(placeholder).to.match(/^AKIA[A-Z0-9]{16}$/);
    expect(secret).to.match(/^\w{32,}$/);
    expect(rest).to.deep.equal({ CLAUDE_CODE_USE_BEDROCK: "1", AWS_REGION: "eu-west-1" });
    expect(guestSide(life).toLowerCase()).to.not.include("canary");
  });

  it("speaks to a gateway for models over plain HTTP when the user's address says so, on this host too, and says it", async () => {
    const at = async (url: string) => {
      const life = await liveWithAgent({ hostEnv: { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: "canary-token-0011" } });
      expect(guestSide(life)).to.not.include("canary");
      return [life.launch.env["ANTHROPIC_BASE_URL"], life.allowed.filter((rule) => rule.includes("login")), life.led, life.said.filter((line) => line.includes("plain HTTP"))];
    };
    expect(await at("http://localhost:4000/x/")).to.deep.equal(["https://model-gateway.internal/x", ["model-gateway.internal:443 (private) for credentials.login"], [{ target: "model-gateway.internal:443", plain: true, address: "127.0.0.1", port: 4000 }], ["The agent uses localhost:4000 over plain HTTP, as ANTHROPIC_BASE_URL says, and your credential for it stays on this host."]]);
    expect((await at("http://[::1]:4000")).slice(2, 3)).to.deep.equal([[{ target: "model-gateway.internal:443", plain: true, address: "::1", port: 4000 }]]);
    expect((await at("http://10.1.2.3"))[2]).to.deep.equal([{ target: "model-gateway.internal:443", plain: true, address: "10.1.2.3", port: 80 }]);
    expect((await at("http://llm.example.com:4000")).slice(0, 3)).to.deep.equal(["https://llm.example.com:4000", ["llm.example.com:4000 (private) for credentials.login"], [{ target: "llm.example.com:4000", plain: true, port: 4000 }]]);
    expect((await at("http://llm.example.com")).slice(0, 3)).to.deep.equal(["https://llm.example.com", ["llm.example.com:443 (private) for credentials.login"], [{ target: "llm.example.com:443", plain: true, port: 80 }]]);
    for (const bad of ["https://127.0.0.1:4000", "https://localhost", "ftp://llm.example.com", "http://u:p@llm.example.com", "http://llm.example.com/?x=1", "nonsense"]) {
      expect(String(await failure({ hostEnv: { ANTHROPIC_BASE_URL: bad, ANTHROPIC_AUTH_TOKEN: "canary-token" } })), bad).to.include("ANTHROPIC_BASE_URL").and.not.include("canary");
    }
  });

  it("lays out the user's configuration with the agent's own over it", async () => {
    using home = new Home({ ".claude/settings.json": { model: "opus" }, ".claude.json": { theme: "light", hasCompletedOnboarding: false }, ".claude/commands/x.md": "x" });
    const { files } = await liveWithAgent({ hostEnv: { ...hostEnv, HOME: home.path } });
    expect(JSON.parse(files.get("/home/agent/.claude.json") ?? "")).to.include({ theme: "light", hasCompletedOnboarding: true });
    expect(JSON.parse(files.get("/home/agent/.claude/settings.json") ?? "")).to.include({ model: "opus" });
    expect(files.get("/home/agent/.claude/commands/x.md")).to.equal("x");
    expect(stagedJson(home.stage(), "/home/agent/.claude.json")).to.deep.equal({ theme: "light", hasCompletedOnboarding: false });
  });

  it("hides what is secret from whatever is printed, also URL-encoded and in base64", async () => {
    const key = "sk-ant-hide+me/92c4d1e7==";
    await liveWithAgent({ hostEnv: { ANTHROPIC_API_KEY: key } });
    const line = `${key} ${encodeURIComponent(key)} ${Buffer.from(key).toString("base64")}`;
    expect(withoutSecrets(line)).to.equal("[hidden] [hidden] [hidden]");
  });

  it("lets a project's own file say nothing", () => {
    expect(credentials.project).to.deep.equal({});
  });
});

describe("A source that cannot be used", () => {
  const mine = (source: object) => ({ secrets: { mine: { source, hosts: ["a.test"], place: ["basic"] } } });
  const cases: readonly (readonly [what: string, source: object, env: Readonly<Record<string, string>>, why: RegExp])[] = [
    ["a variable that is not set", { env: "NOT_SET" }, {}, /the variable NOT_SET, and it is not set/],
    ["an empty variable", { env: "EMPTY" }, { EMPTY: "" }, /empty/],
    ["two lines", { env: "TWO" }, { TWO: "canary-one\ncanary-two" }, /more than one line/],
    ["odd characters", { env: "ODD" }, { ODD: "canary-ümlaut" }, /characters/],
    ["too short a value", { env: "SHORT" }, { SHORT: "canary" }, /shorter than 8/],
    ["a file that is not there", { file: "/nonexistent/secret" }, {}, /not there/],
    ["a device", { file: "/dev/zero" }, {}, /not a plain file/],
    ["a command that fails", { command: ["/bin/sh", "-c", "echo canary-0123; exit 3"] }, {}, /exit status 3/],
    ["a command that is killed", { command: ["/bin/sh", "-c", "kill -9 $$"] }, {}, /SIGKILL/],
    ["a command that prints two lines", { command: ["/bin/echo", "canary-01\ncanary-02"] }, {}, /more than one line/],
    ["a command that prints nothing", { command: ["/bin/true"] }, {}, /empty/],
    ["a command that prints too much", { command: ["/bin/sh", "-c", "while :; do echo canary-canary-canary; done"] }, {}, /prints too much/],
    ["a program that is not there", { command: ["/nonexistent/program"] }, {}, /no such program/],
    ["a keyring that is not there", { keyring: { service: "x" } }, { PATH: "/nonexistent" }, /no such program/],
  ];

  for (const [what, source, env, why] of cases) {
    it(`ends the start, naming the secret and never its value: ${what}`, async () => {
      const error = await failure({ hostEnv: { PATH: "/usr/bin:/bin", ...env }, credentials: mine(source) });
      expect(error).to.be.instanceOf(ClocheError);
      expect(String(error)).to.include("credentials.secrets.mine").and.match(why).and.not.include("canary");
      expect((error as ClocheError).hint).to.not.include("canary");
    });
  }

  it("is a way to log in that was named and is not there", async () => {
    for (const [login, why] of [["key", "ANTHROPIC_API_KEY"], ["token", "CLAUDE_CODE_OAUTH_TOKEN"], ["host", ".credentials.json"]] as const) {
      expect(String(await failure({ credentials: { login } })), login).to.include(why);
    }
  });

  it("is good when it is a file or a command that gives one line, in a clean environment and outside of the project", async () => {
    using home = new Home({ secret: "canary-from-file\n" });
    writeFileSync(join(home.path, "show"), "#!/bin/sh\necho canary-$(pwd | tr / _)-${LEAK:-clean}\n", { mode: 0o755 });
    const value = async (source: object) => (await liveWithAgent({ hostEnv: { HOME: home.path, PATH: "/usr/bin:/bin", LEAK: "leaked" }, credentials: mine(source) })).gateway?.swaps[0]?.value;
    expect(await value({ file: "~/secret" })).to.equal("canary-from-file");
    expect(await value({ command: [join(home.path, "show")] })).to.equal("canary-_-clean");
  });

  it("is refused by the configuration when it says too little or too much", () => {
    const bad = [{ other: {} }, { npm: {} }, { "Bad Name": { source: { env: "X" }, hosts: ["a.test"], place: ["basic"] } }, { openai: { hosts: ["*.example.com"] } }, { openai: { hosts: ["10.0.0.1"] } }, { openai: { source: { value: "secret" } } }];
    for (const secrets of bad) expect(credentials.options.safeParse({ secrets }).success, JSON.stringify(secrets)).to.equal(false);
    expect(credentials.options.safeParse({ secrets: { npm: { hosts: ["registry.example.com"] }, github: {}, google: {} } }).success).to.equal(true);
  });
});

/** All that the guest, QEMU and the user's terminal get. */
function guestSide({ recipe, files, launch, said, allowed }: AgentLife): string {
  return JSON.stringify([recipe, [...files], launch, said, allowed]);
}

async function failure(options: AgentLifeOptions): Promise<unknown> {
  return await liveWithAgent(options).then(() => undefined, (reason: unknown) => reason);
}
