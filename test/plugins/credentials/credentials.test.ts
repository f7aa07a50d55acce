import { expect } from "chai";
import { ClocheError, withoutSecrets } from "../../../core/index.ts";
import credentials from "../../../plugins/credentials/index.ts";
import { liveWithAgent, type AgentLife } from "../claude/agent-session.ts";

const KEY = "sk-ant-canary-4f9d3b71c8e2a605";
const hostEnv = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_API_KEY_OLD: "sk-ant-other-0000000000", OTHER_SECRET: "other-secret-value" };

describe("The credentials plugin", () => {
  it("gives the key to the agent's command by its environment, and by nothing else", async () => {
    const life = await liveWithAgent({ hostEnv });
    expect(life.launch.env).to.deep.equal({ AGENT_API_KEY: KEY });
    expect(allButEnvironment(life)).to.not.include("canary");
  });

  it("leaves no part of the key in a file, not even its end", async () => {
    const { files } = await liveWithAgent({ hostEnv });
    const text = [...files.values()].join("\n");
    for (let at = 0; at + 6 <= KEY.length; at++) {
      const part = KEY.slice(at, at + 6);
      expect(text.includes(part) && part !== "sk-ant", part).to.equal(false);
    }
  });

  it("tells the agent which variable to print as its key, and says nothing of it when there is none", async () => {
    const settings = "/etc/claude-code/managed-settings.json";
    const withKey = JSON.parse((await liveWithAgent({ hostEnv })).files.get(settings) ?? "") as Record<string, unknown>;
    expect(withKey["apiKeyHelper"]).to.equal('printf %s "$AGENT_API_KEY"');
    const without = JSON.parse((await liveWithAgent()).files.get(settings) ?? "") as Record<string, unknown>;
    expect(without).to.not.have.property("apiKeyHelper");
  });

  it("gives a shell and a command no key", async () => {
    const shell = await liveWithAgent({ hostEnv, request: { kind: "shell" } });
    const exec = await liveWithAgent({ hostEnv, request: { kind: "exec", argv: ["env"] } });
    expect([shell.launch.env, exec.launch.env]).to.deep.equal([{}, {}]);
  });

  it("takes nothing of the host's environment but the exact name", async () => {
    const { ANTHROPIC_API_KEY: _, ...others } = hostEnv;
    const life = await liveWithAgent({ hostEnv: others });
    expect(life.launch.env).to.deep.equal({});
  });

  it("hides the key from whatever is printed, also URL-encoded and in base64", async () => {
    const key = "sk-ant-hide+me/92c4d1e7==";
    await liveWithAgent({ hostEnv: { ANTHROPIC_API_KEY: key } });
    const line = `${key} ${encodeURIComponent(key)} ${Buffer.from(key).toString("base64")}`;
    expect(withoutSecrets(line)).to.equal("[hidden] [hidden] [hidden]");
  });

  it("says in one line how to log in when there is no key, and only to an agent", async () => {
    const agent = await liveWithAgent({ hostEnv: { ANTHROPIC_API_KEY: "" } });
    expect(agent.said).to.have.lengthOf(1);
    expect(agent.said[0]).to.include("set ANTHROPIC_API_KEY");
    expect((await liveWithAgent({ request: { kind: "exec", argv: ["true"] } })).said).to.deep.equal([]);
  });

  it("lets no key cross when told so, and is silent about it", async () => {
    const life = await liveWithAgent({ hostEnv, credentials: { apiKey: "none" } });
    expect([life.launch.env, life.said]).to.deep.equal([{}, []]);
  });

  it("refuses what cannot be a key, naming the variable and never the value", async () => {
    for (const value of ["two words-canary", "two\nlines-canary", "ümlaut-canary"]) {
      const error = await liveWithAgent({ hostEnv: { ANTHROPIC_API_KEY: value } }).then(() => undefined, (reason: unknown) => reason);
      expect(error).to.be.instanceOf(ClocheError);
      expect(String(error)).to.include("ANTHROPIC_API_KEY").and.not.include("canary");
    }
  });

  it("lets a project's own file say nothing", () => {
    expect(credentials.project).to.deep.equal({});
  });
});

function allButEnvironment({ recipe, files, launch, said, allowed }: AgentLife): string {
  return JSON.stringify([recipe, [...files], launch.argv, said, allowed]);
}
