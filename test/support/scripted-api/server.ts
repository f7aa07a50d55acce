import { createServer } from "node:https";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { makeTestCertificate } from "./certificate.ts";
import { readMessagesRequest, turnFor } from "./conversation.ts";
import { eventsOf, messageOf } from "./events.ts";
import { frameOf } from "./event-stream.ts";
import type { Turn } from "./script.ts";
import { apiError, startUpAnswer, type Answer } from "./start-up.ts";

/** A request as it arrived. */
export interface RecordedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** What it was answered with. */
  readonly status: number;
}

/** What the scripted API is started with. */
export interface ScriptedApiOptions {
  readonly turns: readonly Turn[];
  /** The only key that is accepted, as `x-api-key` or as a bearer token; or who judges a request by its signature, as Amazon does. */
  readonly key: string | ((request: Omit<RecordedRequest, "status">) => boolean);
  /** Names its certificate is good for; the agent's service when not given. */
  readonly names?: readonly string[];
}

/** A running scripted API. */
export interface ScriptedApi extends AsyncDisposable {
  /** Its TCP port on 127.0.0.1. */
  readonly port: number;
  /** The authority to trust. */
  readonly caPem: string;
  /** Every request so far, in the order of their ends. */
  readonly requests: readonly RecordedRequest[];
  /** The requests of the conversation itself. */
  conversation(): readonly RecordedRequest[];
  /** Ends it; throws when a request came that nothing foresaw, naming it. */
  close(): Promise<void>;
}

// where models are asked at Amazon: the model, and whether the answer streams
const BEDROCK = /^\/model\/([^/]+)\/invoke(-with-response-stream)?$/;
const LONGEST_BODY = 32 << 20;

/** A Messages API over TLS that follows a script, so that the real agent can be driven without the real service. */
export async function startScriptedApi({ turns, key, names = ["api.anthropic.com"] }: ScriptedApiOptions): Promise<ScriptedApi> {
  const { caPem, certPem, keyPem } = await makeTestCertificate(names);
  const requests: RecordedRequest[] = [];
  const unforeseen: string[] = [];

  const server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    void answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? "";
    const path = (request.url ?? "").replace(/\?.*/, "");
    const { headers } = request;
    const body = await bodyOf(request);
    const hasKey = typeof key === "string" ? headers["x-api-key"] === key || headers.authorization === `Bearer ${key}` : key({ method, path, headers, body });
    const status = reply(method, path, hasKey, body, response);
    requests.push({ method, path, headers, body, status });
  }

  function reply(method: string, path: string, hasKey: boolean, body: string, response: ServerResponse): number {
    const startUp = startUpAnswer(method, path);
    if (!hasKey && !startUp?.withoutKey) return send(response, apiError(401, "authentication_error", "invalid x-api-key"));
    if (startUp) return send(response, startUp);
    if (method === "POST" && path === "/v1/messages/count_tokens") return send(response, { status: 200, body: { input_tokens: body.length >> 2 } });
    const bedrock = BEDROCK.exec(path);
    const asked = method === "POST" && (path === "/v1/messages" || bedrock) ? readMessagesRequest(body, bedrock?.[1]) : undefined;
    if (!asked) return surprise(response, apiError(404, "not_found_error", `nothing is scripted for ${method} ${path}`), `${method} ${path}`);
    const turn = turnFor(asked, turns);
    if ("status" in turn) return surprise(response, turn, `${method} ${path} after the script's end`);
    const id = String(requests.length);
    if (bedrock?.[2]) return streamFrames(response, turn, asked.model, id);
    if (asked.stream) return stream(response, turn, asked.model, id);
    return send(response, { status: 200, body: messageOf(turn, asked.model, id) });
  }

  function surprise(response: ServerResponse, answer: Answer, what: string): number {
    unforeseen.push(what);
    return send(response, answer);
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });

  async function close(): Promise<void> {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    if (unforeseen.length > 0) throw new Error(`requests that nothing foresaw: ${unforeseen.join(", ")}`);
  }

  return {
    port: (server.address() as AddressInfo).port,
    caPem,
    requests,
    conversation: () => requests.filter(({ path, body }) => (path === "/v1/messages" || BEDROCK.test(path)) && readMessagesRequest(body, BEDROCK.exec(path)?.[1])?.isConversation),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function send(response: ServerResponse, { status, body }: Answer): number {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  return status;
}

function stream(response: ServerResponse, turn: Turn, model: string, id: string): number {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  for (const event of eventsOf(turn, model, id)) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  response.end();
  return 200;
}

function streamFrames(response: ServerResponse, turn: Turn, model: string, id: string): number {
  response.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" });
  for (const event of eventsOf(turn, model, id)) response.write(frameOf(event));
  response.end();
  return 200;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > LONGEST_BODY) throw new Error("a request of more than 32 MiB");
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}
