// A part of the gateway as another plugin would write it; what it does is said by the path of each request.
import { Transform } from "node:stream";
import type { Asked, Denial, GatewayEnd, GatewayPart } from "../../../../plugins/egress/parts.ts";

interface Options {
  readonly secret: string;
  readonly intercepts?: readonly string[];
}

/** Replaces text in a body, whatever its pieces are. */
function replacing(from: string, to: string): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(null, chunk.toString("latin1").replaceAll(from, to));
    },
  });
}

const part: GatewayPart<Options> = (gateway: GatewayEnd, { secret, intercepts = [] }) => {
  const { hooks } = gateway;
  hooks.intercept.tap("test", (name) => intercepts.includes(name));
  // an async function given to plain tap, whose promise tapable itself would leave floating
  const decide = async ({ kind, method, name, path }: Asked): Promise<Denial | undefined> => {
    if (path === "/decide/throws") throw new Error(`quotes ${secret}`);
    if (method === "DELETE") return { why: "nothing is deleted" };
    return kind === "connection" && name === "no-connection.test" ? { why: "not this one" } : undefined;
  };
  hooks.decide.tap("test", decide as never);
  hooks.request.tap("test", async (request) => {
    if (request.path === "/throws") throw new Error(`quotes ${secret}`);
    if (request.path === "/refused") request.refuse({ status: 451, text: "not this path", why: "by path" });
    if (request.path === "/asks") request.headers.set("Answer", String(await gateway.ask({ what: "else" })));
    if (request.path === "/rewritten") request.path = "/other?path";
    if (request.path === "/elsewhere") request.path = "http://evil.test/";
    if (request.path === "/head") for (const name of ["Host", "Transfer-Encoding", "Connection", "Content-Length"]) request.headers.set(name, "evil");
    if (request.path === "/reported") gateway.report("somebody asked for it", { name: request.name });
    if (request.headers.get("authorization") === "Bearer placeholder") request.headers.set("authorization", `Bearer ${secret}`);
    if (request.path === "/body") request.transformBody(replacing("placeholder", secret));
    if (request.path === "/late") {
      const held = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          if (chunk.includes("bad")) request.refuse({ status: 422, text: "a bad word", why: "a bad word" });
          else done(null, chunk);
        },
      });
      request.transformBody(held);
    }
  });
  hooks.response.tap("test", (response) => {
    if (response.request.path === "/response/throws") throw new Error(`quotes ${secret}`);
    if (response.headers.has("x-secret")) response.refuse({ status: 502, text: "it answered with a secret" });
    for (const [name, value] of response.headers.entries()) if (value.includes(secret)) response.headers.set(name, value.replaceAll(secret, "placeholder"));
    response.changeTrailers((trailers) => {
      if (response.request.path === "/trailers/throw") throw new Error(`quotes ${secret}`);
      trailers.delete("x-hidden");
    });
    if (response.request.path === "/echo") response.transformBody(replacing(secret, "placeholder"));
  });
  gateway.answer((question) => ({ heard: question }));
};

export default part;
