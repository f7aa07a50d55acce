import type { ServerResponse } from "node:http";
import type { CredentialOptions, ServiceOptions } from "../../plugins/credentials/gateway/options.ts";
import { Home } from "../../test/plugins/credentials/staging/fixture.ts";
import { testGateway } from "../../test/plugins/credentials/support.ts";
import { openTls } from "../../test/plugins/egress/support/clients.ts";
import type { Figure } from "../figure.ts";
import { sampled, type Group } from "../bench.ts";

const API = "api.anthropic.com";
const KEY = "sk-ant-api03-real-5e0d9b3c7f1a2468";
const PLACEHOLDER = "sk-ant-api03-fake-0000000000000000";
const FILES = 500;
const EVENTS = 200;
const EVENT_EVERY_MS = 5;

/** What credentials cost: staging a configuration before the machine is used, and the swap in what the agent's service answers. */
export const credentials: Group = async ({ runs, say }) => {
  say("staging");
  const staging = await staged(runs * 4);
  say("streaming");
  const withSwap = await delays({ kind: "fixed", header: "x-api-key", value: KEY, placeholder: PLACEHOLDER });
  const without = await delays({ kind: "none" }); // it is intercepted all the same, but there is nothing to look for in the answer
  return [
    staging,
    { name: "a token of a streamed answer, from the service to the guest", unit: "ms", samples: withSwap, target: 5 },
    { name: "the same without a look into the answer", unit: "ms", samples: without },
  ];
};

async function staged(times: number): Promise<Figure> {
  using home = new Home();
  for (let index = 0; index < FILES; index += 1) home.write(`.claude/skills/skill-${index % 50}/file-${index}.md`, `# ${index}\n${"text of a skill, with words in it. ".repeat(60)}`);
  return await sampled({ name: `staging ${FILES} files of a configuration`, unit: "ms", target: 150 }, times, () => {
    const began = performance.now();
    home.stage();
    return performance.now() - began;
  });
}

/** How long each event of a streamed answer was on its way, in ms. */
async function delays(credential: CredentialOptions): Promise<readonly number[]> {
  const service: ServiceOptions = { dialect: "anthropic", host: API, port: 443, base: "", allow: [], credential, headers: [] };
  const gateway = await testGateway({ swaps: [], git: [], services: [service] }, { [API]: (_heard, answer) => stream(answer) });
  try {
    const tls = await openTls(await gateway.egress.inside.tcp(await gateway.egress.addressOf(API), 443), API, gateway.authority, ["http/1.1"]);
    const samples: number[] = [];
    tls.on("data", (chunk: Buffer) => {
      const now = process.hrtime.bigint();
      for (const [, sent = "0"] of chunk.toString().matchAll(/data: (\d+)\n/g)) samples.push(Number(now - BigInt(sent)) / 1e6);
    });
    const body = JSON.stringify({ model: "m", max_tokens: 1, messages: [{ role: "user", content: "hi" }] });
    const key = credential.kind === "none" ? [] : [`x-api-key: ${PLACEHOLDER}`];
    const ended = new Promise((resolve) => tls.once("close", resolve).once("end", resolve));
    tls.write(["POST /v1/messages HTTP/1.1", `Host: ${API}`, "Connection: close", "Content-Type: application/json", ...key, `Content-Length: ${body.length}`, "", body].join("\r\n"));
    await ended;
    return samples;
  } finally {
    await gateway.end();
  }
}

function stream(answer: ServerResponse): void {
  answer.writeHead(200, { "content-type": "text/event-stream" });
  let sent = 0;
  const timer = setInterval(() => {
    if ((sent += 1) <= EVENTS) return void answer.write(`data: ${process.hrtime.bigint()}\n\n`);
    clearInterval(timer);
    answer.end();
  }, EVENT_EVERY_MS);
}
