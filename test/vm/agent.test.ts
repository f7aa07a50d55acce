import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { expect } from "chai";
import { awsSignature } from "../../plugins/credentials/gateway/service/aws-signature.ts";
import { exampleScript, LAST_WORDS, MADE_BY_BASH, MADE_BY_WRITE, type Turn } from "../support/scripted-api/script.ts";
import { startScriptedApi, type ScriptedApi } from "../support/scripted-api/server.ts";
import { Place } from "../support/place.ts";
import { ROOT } from "../support/sources.ts";
import { TerminalScreen } from "../support/tmux.ts";

const KEY = "sk-ant-scripted-2f6a91c07be4d358";
const MINUTE = 60_000;

describe("Claude Code in a machine", () => {
  let place: Place;
  let api: ScriptedApi | undefined;

  beforeEach(() => {
    place = new Place("the project", { ANTHROPIC_API_KEY: KEY });
  });

  afterEach(async () => {
    place[Symbol.dispose]();
    await api?.close();
    api = undefined;
  });

  /** Starts the API with this script, and has the gateway send the agent's service there. */
  async function serve(turns: readonly Turn[]): Promise<ScriptedApi> {
    api = await startScriptedApi({ turns, key: KEY });
    const ca = join(place.home, "ca.pem");
    writeFileSync(ca, api.caPem);
    place.configure({ egress: { upstreams: { "api.anthropic.com": { address: "127.0.0.1", port: api.port, ca } } } });
    return api;
  }

  const made = (name: string): string => readFileSync(join(place.project, name), "utf8");

  function expectTheTaskDone(): void {
    expect(made(MADE_BY_BASH.name)).to.equal(MADE_BY_BASH.content);
    expect(made(MADE_BY_WRITE.name)).to.equal(MADE_BY_WRITE.content);
    expect(statSync(join(place.project, MADE_BY_WRITE.name)).uid).to.equal(process.getuid?.());
  }

  it("does a task of several turns with Bash and Write through the gateway, and its edits land in the project", async () => {
    const server = await serve(exampleScript(place.project));
    const ended = await place.cloche(["--", "-p", "make two files"], { input: "", deadlineMs: 4 * MINUTE }).ended;
    expect(ended).to.include({ status: 0, stdout: `${LAST_WORDS}\n` });
    expectTheTaskDone();

    const [first, ...others] = server.conversation();
    expect(others).to.have.lengthOf(2);
    expect(first?.headers["x-api-key"]).to.equal(KEY);
    expect(first?.body).to.include("a throwaway virtual machine").and.include(place.project).and.include("api.anthropic.com");
  });

  it("shows its input prompt without a question before it, whatever the project brings, and does what is typed", async () => {
    await serve(exampleScript(place.project));
    const settings = { permissions: { allow: ["Bash(ls)"] }, hooks: { SessionStart: [{ hooks: [{ type: "command", command: "true" }] }] }, apiKeyHelper: "echo wrong" };
    mkdirSync(join(place.project, ".claude"));
    writeFileSync(join(place.project, ".claude/settings.json"), JSON.stringify(settings));
    writeFileSync(join(place.project, ".mcp.json"), JSON.stringify({ mcpServers: { cat: { command: "cat" } } }));
    writeFileSync(join(place.project, "CLAUDE.md"), "See @/etc/hostname\n");
    await using terminal = await TerminalScreen.start(place, [join(ROOT, "bin/cloche")]);
    // the one question that is ours, on a host without hardware acceleration
    await terminal.shows(/from now on\?|bypass permissions on/, 2 * MINUTE);
    if (/from now on\?/.test(await terminal.read())) await terminal.enter("y");
    await terminal.shows("bypass permissions on", 2 * MINUTE);
    expect(await terminal.read()).to.match(/^❯/m).and.not.match(/do you trust|custom API key|Enter to confirm/i);
    await terminal.enter("make two files");
    await terminal.shows(LAST_WORDS, 3 * MINUTE);
    expectTheTaskDone();
    await terminal.enter("/exit");
    expect(await terminal.status(MINUTE)).to.equal(0);
  });

  it("does the same with models at Amazon, signing with keys that the machine does not hold", async () => {
    const host = "bedrock-runtime.eu-west-1.amazonaws.com";
    const keys = { keyId: "AKIAREALREALREALREAL", secretKey: "real/secret+key0123456789", region: "eu-west-1", service: "bedrock" };
    const isSigned = ({ method, path, headers, body }: { method: string; path: string; headers: IncomingHttpHeaders; body: string }): boolean => {
      const names = /SignedHeaders=([^,]*)/.exec(headers.authorization ?? "")?.[1]?.split(";") ?? [];
      const payloadHash = createHash("sha256").update(body).digest("hex");
      return awsSignature({ method, path, headers: names.map((name) => [name, String(headers[name])] as const), payloadHash }, keys) === headers.authorization;
    };
    api = await startScriptedApi({ turns: exampleScript(place.project), names: [host], key: isSigned });
    writeFileSync(join(place.home, "ca.pem"), api.caPem);
    place.configure({ egress: { upstreams: { [host]: { address: "127.0.0.1", port: api.port, ca: join(place.home, "ca.pem") } } } });
    const env = { CLAUDE_CODE_USE_BEDROCK: "1", AWS_REGION: keys.region, AWS_ACCESS_KEY_ID: keys.keyId, AWS_SECRET_ACCESS_KEY: keys.secretKey };
    const ended = await place.cloche(["--", "-p", "make two files"], { input: "", env, deadlineMs: 4 * MINUTE }).ended;
    expect(ended).to.include({ status: 0, stdout: `${LAST_WORDS}\n` });
    expectTheTaskDone();
    expect(api.conversation()).to.have.lengthOf(3);
    expect(api.requests.map(({ status }) => status).filter((status) => status !== 200)).to.deep.equal([]);
    expect(JSON.stringify(api.requests.map(({ body }) => body))).to.not.include(keys.secretKey);
  });

  it("holds its key in no file of the machine", async () => {
    // in two halves, so that the agent's own record of this command does not hold it
    const halves = `${KEY.slice(-16, -8)} ${KEY.slice(-8)}`;
    const command = `part=$(printf %s%s ${halves}); echo "$part" >/tmp/planted; grep -rlsF "$part" /home/agent /etc /run /tmp . >found; true`;
    await serve([{ tools: [{ name: "Bash", input: { command, description: "Look for the key" } }] }, { text: LAST_WORDS }]);
    const ended = await place.cloche(["--", "-p", "look"], { input: "", deadlineMs: 4 * MINUTE }).ended;
    expect(ended.stdout).to.equal(`${LAST_WORDS}\n`);
    expect(made("found")).to.equal("/tmp/planted\n");
  });

  it("keeps its key from every other command", async () => {
    const ended = await place.cloche(["exec", "--", "env"], { input: "", deadlineMs: 4 * MINUTE }).ended;
    expect(ended.status).to.equal(0);
    expect(ended.stdout).to.include("HOME=/home/agent").and.not.include(KEY.slice(-12)).and.not.include("AGENT_API_KEY");
  });
});
