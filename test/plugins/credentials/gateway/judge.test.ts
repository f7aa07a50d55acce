import { once } from "node:events";
import { expect } from "chai";
import { JudgedBody } from "../../../../plugins/credentials/gateway/service/judged-body.ts";

/** Passes a request in pieces, and answers what came out and why it was refused. */
async function judge(body: string | Buffer, { allow = [] as readonly string[], piece = 1 << 16 } = {}): Promise<{ passed: Buffer; why: string | undefined }> {
  let why: string | undefined;
  const out: Buffer[] = [];
  const stream = new JudgedBody(new Set(allow), (reason) => {
    why ??= reason;
    stream.destroy();
  });
  stream.on("data", (chunk: Buffer) => out.push(chunk));
  const closed = once(stream, "close");
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length && !stream.destroyed; at += piece) {
    if (!stream.write(bytes.subarray(at, at + piece)) && !stream.destroyed) await Promise.race([once(stream, "drain"), closed]);
  }
  if (!stream.destroyed) stream.end();
  await closed;
  return { passed: Buffer.concat(out), why };
}

const request = (more: object): string => JSON.stringify({ model: "m", max_tokens: 1, messages: [{ role: "user", content: "hi" }], ...more });
const saying = (...blocks: readonly object[]): string => request({ messages: [{ role: "user", content: blocks }] });

const GOOD: readonly string[] = [
  request({}),
  request({ stream: true, system: [{ type: "text", text: "s", cache_control: { type: "ephemeral" } }], metadata: { user_id: "u" }, thinking: { type: "adaptive" }, output_config: { effort: "high" }, context_management: { edits: [] } }),
  request({ tools: [{ name: "Bash", description: "d", input_schema: { type: "object", properties: { url: { type: "string" }, source: { type: "url" } } } }, { type: "custom", name: "x" }, { type: "text_editor_20250728", name: "e" }] }),
  saying({ type: "image", source: { type: "base64", media_type: "image/png", data: "aGk=" } }, { type: "document", source: { type: "text", data: "x" } }),
  saying({ type: "tool_use", id: "1", name: "Bash", input: { source: { type: "url", url: "http://x" }, mcp_servers: [1], type: "code_execution" } }),
  saying({ type: "tool_result", tool_use_id: "1", content: [{ type: "text", text: '{"type":"url"}' }, { type: "image", source: { type: "base64", data: "" } }] }),
  saying({ type: "search_result", source: "https://a.test", title: "t", content: [{ type: "text", text: "x" }] }),
  request({ mcp_servers: null, container: null }),
];

const REFUSED: readonly (readonly [feature: string, body: string])[] = [
  ["mcp_servers", request({ mcp_servers: [{ type: "url", url: "https://evil.test", name: "e" }] })],
  ["mcp_servers", request({ mcp_servers: [] })],
  ["mcp_servers", '{"mcp\\u005fservers":[{}],"messages":[]}'],
  ["mcp_servers", request({ tools: [{ type: "mcp_toolset", mcp_server_name: "e" }] })],
  ["url_sources", saying({ type: "image", source: { type: "url", url: "https://evil.test/?data" } })],
  ["url_sources", saying({ type: "image", source: { url: "https://evil.test/?data", type: "url" } })],
  ["url_sources", saying({ type: "document", source: { type: "\u0075rl" } })],
  ["url_sources", saying({ type: "tool_result", content: [{ type: "image", source: { type: "url" } }] })],
  ["url_sources", saying({ type: "document", source: { type: "content", content: [{ type: "image", source: { type: "url" } }] } })],
  ["url_sources", request({ system: [{ type: "document", source: { type: "url", url: "x" } }] })],
  ["files", saying({ type: "document", source: { type: "file", file_id: "f" } })],
  ["files", saying({ type: "container_upload", file_id: "f" })],
  ["web_search", request({ tools: [{ type: "web_search_20250305", name: "web_search" }] })],
  ["web_fetch", request({ tools: [{ name: "web_fetch", type: "web_fetch_20250910" }] })],
  ["code_execution", request({ tools: [{ type: "code_execution_20250825", name: "c" }] })],
  ["code_execution", request({ container: "c" })],
  ["code_execution", request({ container: { skills: [] } })],
  ["field:new_power", request({ new_power: true })],
  ["block:new_block", saying({ type: "new_block" })],
  ["source:new_source", saying({ type: "image", source: { type: "new_source" } })],
  ["tool:new_tool_2027", request({ tools: [{ type: "new_tool_2027", name: "n" }] })],
  ["url_sources", request({ messages: { role: "user", content: { type: "image", source: { type: "url" } } } })],
];

describe("A request to the agent's service", () => {
  it("passes as it came when it asks for nothing but an answer", async () => {
    for (const body of GOOD) expect(await judge(body), body).to.deep.equal({ passed: Buffer.from(body), why: undefined });
  });

  it("is refused by the name of what it asks for besides, whatever its pieces, and nothing of it passes", async () => {
    for (const [feature, body] of REFUSED) {
      for (const piece of [1, 7, 1 << 16]) {
        const { passed, why } = await judge(body, { piece });
        expect(why, body).to.include(`"${feature}"`).and.include("credentials.service.allow");
        expect(passed, body).to.have.length(0);
      }
    }
  });

  it("passes when the user has allowed that by its name", async () => {
    for (const [feature, body] of REFUSED) {
      const allow = feature === "url_sources" || feature === "files" || feature === "code_execution" || feature === "mcp_servers" ? ["url_sources", "files", "code_execution", "mcp_servers"] : [feature];
      expect((await judge(body, { allow })).why, body).to.equal(undefined);
    }
  });

  it("is refused when two readers could understand it differently", async () => {
    for (const body of ['{"messages":[],"messages":[]}', '{"messages":[{"content":[{"type":"text","type":"image"}]}]}', '{"a', "[1", '{"messages":[]} x', '{"messages":[]']) {
      const { passed, why } = await judge(body);
      expect(why, body).to.match(/cloche refuses/);
      expect(passed).to.have.length(0);
    }
  });

  it("does not get its end through when it is large and asks for too much late, and passes whole when it does not", async () => {
    const large = (type: string) => saying({ type: "image", source: { data: "A".repeat(3 << 20), type } });
    const refused = await judge(large("url"));
    expect(refused.why).to.include("url_sources");
    expect(refused.passed.length).to.be.lessThan((3 << 20) - (1 << 19));
    expect((await judge(large("base64"))).passed.toString()).to.equal(large("base64"));
  });

  it("is read at more than 5 MB a second", async () => {
    const body = saying(...Array.from({ length: 4000 }, (_, index) => ({ type: "text", text: `${index} some "words" of a conversation\n`.repeat(20) })));
    const started = performance.now();
    expect((await judge(body)).why).to.equal(undefined);
    expect(body.length / 1000 / (performance.now() - started)).to.be.greaterThan(5);
  });
});
