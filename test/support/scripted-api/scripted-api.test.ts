import { request } from "node:https";
import { expect } from "chai";
import type { ApiEvent } from "./events.ts";
import { exampleScript, LAST_WORDS } from "./script.ts";
import { startScriptedApi, type ScriptedApi } from "./server.ts";

const KEY = "sk-ant-scripted-api";
const TOOLS = [{ name: "Bash" }];

interface Reply {
  readonly status: number;
  readonly text: string;
}

/** One request to the server as the agent would send it. */
function ask(api: ScriptedApi, path: string, options: { method?: string; key?: string; body?: unknown; ca?: string } = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { method = "POST", key = KEY, body, ca = api.caPem } = options;
    const headers = { "x-api-key": key, host: "api.anthropic.com" };
    const asking = request({ host: "127.0.0.1", port: api.port, servername: "api.anthropic.com", path, method, headers, ca, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => (text += piece)).on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asking.on("error", reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function conversation(answers: number): unknown {
  const messages = Array.from({ length: answers * 2 + 1 }, (_, index) => ({ role: index % 2 ? "assistant" : "user", content: "x" }));
  return { model: "m", stream: true, tools: TOOLS, messages };
}

function events({ text }: Reply): readonly ApiEvent[] {
  return text.split("\n").filter((line) => line.startsWith("data: ")).map((line) => JSON.parse(line.slice(6)) as ApiEvent);
}

describe("The scripted API", () => {
  it("streams the turn that follows the answers so far, the same one when asked again", async () => {
    await using api = await startScriptedApi({ turns: exampleScript("/p"), key: KEY });
    const first = events(await ask(api, "/v1/messages?beta=true", { body: conversation(0) }));
    const again = events(await ask(api, "/v1/messages", { body: conversation(0) }));
    expect(toolInput(again)).to.deep.equal(toolInput(first));
    expect(toolInput(first)).to.have.property("command");
    expect(first.at(0)?.type).to.equal("message_start");
    expect(first.at(-1)?.type).to.equal("message_stop");
    expect(first.at(-2)).to.nested.include({ "delta.stop_reason": "tool_use" });

    const second = events(await ask(api, "/v1/messages", { body: conversation(1) }));
    expect(toolInput(second)).to.deep.equal({ file_path: "/p/made-by-write.txt", content: "written by the agent\n" });

    const last = events(await ask(api, "/v1/messages", { body: conversation(2) }));
    const text = last.map(({ delta }) => (delta as { text?: string } | undefined)?.text ?? "").join("");
    expect(text).to.equal(LAST_WORDS);
    expect(last.at(-2)).to.nested.include({ "delta.stop_reason": "end_turn" });
    expect(api.conversation()).to.have.lengthOf(4);
  });

  it("accepts its key only", async () => {
    await using api = await startScriptedApi({ turns: exampleScript("/p"), key: KEY });
    for (const key of ["", "other", `${KEY}x`]) {
      expect((await ask(api, "/v1/messages", { key, body: conversation(0) })).status).to.equal(401);
    }
    expect(api.requests.map(({ status }) => status)).to.deep.equal([401, 401, 401]);
  });

  it("answers what the agent asks at its start, a question on the side, and a count of tokens", async () => {
    await using api = await startScriptedApi({ turns: [], key: KEY });
    expect((await ask(api, "/api/hello", { method: "HEAD", key: "" })).status).to.equal(200);
    expect((await ask(api, "/api/event_logging/v2/batch", { body: {} })).status).to.equal(200);
    expect((await ask(api, "/v1/messages/count_tokens", { body: conversation(0) })).text).to.include("input_tokens");
    const side = { model: "m", messages: [{ role: "user", content: "x" }] };
    expect((await ask(api, "/v1/messages", { body: side })).text).to.include("A title");
    expect(api.conversation()).to.deep.equal([]);
  });

  it("ends with an error that names what nothing foresaw, and what came after the script's end", async () => {
    const api = await startScriptedApi({ turns: [], key: KEY });
    expect((await ask(api, "/v1/files", { body: {} })).status).to.equal(404);
    expect((await ask(api, "/v1/messages", { body: conversation(0) })).status).to.equal(400);
    const error = await api.close().then(() => undefined, String);
    expect(error).to.include("POST /v1/files").and.include("POST /v1/messages after the script's end");
  });

  it("shows a certificate that only its own authority vouches for", async () => {
    await using api = await startScriptedApi({ turns: [], key: KEY });
    await using other = await startScriptedApi({ turns: [], key: KEY });
    const error = await ask(api, "/api/hello", { method: "GET", ca: other.caPem }).then(() => undefined, String);
    expect(error).to.match(/certificate|signature/i);
    expect((await ask(api, "/api/hello", { method: "GET" })).status).to.equal(200);
  });
});

function toolInput(all: readonly ApiEvent[]): unknown {
  const pieces = all.map(({ delta }) => (delta as { partial_json?: string } | undefined)?.partial_json ?? "");
  return JSON.parse(pieces.join(""));
}
