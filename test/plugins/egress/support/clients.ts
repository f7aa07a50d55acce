import { once } from "node:events";
import { connect as connectHttp2, type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from "node:http2";
import type { Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";

/** TLS over a connection from inside; rejects with the error's code. */
export async function openTls(socket: Socket, servername: string, ca: string | undefined, protocols: readonly string[] = []): Promise<TLSSocket> {
  const tls = connect({ socket, servername, ...(ca === undefined ? {} : { ca }), ALPNProtocols: [...protocols] });
  await once(tls, "secureConnect").catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
  return tls.on("error", () => {});
}

/** Sends bytes, and answers all that comes until the connection is closed. */
export async function exchange(socket: Socket, bytes: string): Promise<string> {
  let heard = "";
  socket.on("error", () => {}).on("data", (chunk: Buffer) => { heard += chunk.toString("latin1"); });
  const ended = new Promise((resolve) => socket.once("end", resolve).once("close", resolve));
  socket.write(bytes, "latin1");
  await ended;
  socket.destroy();
  return heard;
}

/** What HTTP/2 answered. */
export interface Http2Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
  readonly trailers: Readonly<Record<string, unknown>>;
  /** The code by which the stream was reset; 0 when it was not. */
  readonly reset: number;
}

/** HTTP/2 over a connection from inside. */
export async function openHttp2(socket: Socket, servername: string, ca: string): Promise<ClientHttp2Session> {
  const tls = await openTls(socket, servername, ca, ["h2", "http/1.1"]);
  if (tls.alpnProtocol !== "h2") throw new Error(`it speaks ${tls.alpnProtocol}`);
  return connectHttp2(`https://${servername}`, { createConnection: () => tls }).on("error", () => {});
}

/** One request on it. */
export async function ask(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: string | Buffer): Promise<Http2Answer> {
  const stream = session.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  return await answerOf(stream);
}

/** What a stream is answered. */
export async function answerOf(stream: ClientHttp2Stream): Promise<Http2Answer> {
  let answered: Record<string, unknown> = {};
  let trailers: Record<string, unknown> = {};
  const pieces: Buffer[] = [];
  stream.on("error", () => {}).on("response", (headers) => { answered = headers; }).on("trailers", (fields) => { trailers = fields; });
  stream.on("data", (piece: Buffer) => pieces.push(piece));
  await new Promise((resolve) => stream.once("close", resolve));
  return { status: answered[":status"] as number | undefined, headers: answered, body: Buffer.concat(pieces), trailers, reset: stream.rstCode };
}
