import type { Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";

/** Types of records that tests ask for. */
export const RECORD = { A: 1, TXT: 16, AAAA: 28, HTTPS: 65, ANY: 255 } as const;

/** An answer in the parts that tests look at. */
export interface DnsAnswer {
  readonly code: number;
  readonly addresses: readonly string[];
  /** Code and text of an extended error. */
  readonly extended: { readonly code: number; readonly text: string } | undefined;
}

/** A query as clients send it, with an OPT record unless told not to. */
export function makeQuery(name: string, type: number, { id = 7, extended = true } = {}): Buffer {
  const labels = name === "" ? [] : name.split(".");
  const question = [...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, "latin1")])), Buffer.from([0])];
  const head = Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, extended ? 1 : 0]);
  const opt = extended ? [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0] : [];
  return Buffer.concat([head, ...question, Buffer.from([type >> 8, type & 255, 0, 1, ...opt])]);
}

/** Reads what our gateway answers; throws when its parts do not add up. */
export function readAnswer(message: Buffer, query: Buffer): DnsAnswer {
  let endOfQuestion = 12;
  while (query[endOfQuestion] !== 0) endOfQuestion += 1 + (query[endOfQuestion] ?? 0);
  endOfQuestion += 5;
  if (!message.subarray(12, endOfQuestion).equals(query.subarray(12, endOfQuestion))) throw new Error("another question");
  if (message.readUInt16BE(0) !== query.readUInt16BE(0)) throw new Error("another id");
  let at = endOfQuestion;
  const addresses: string[] = [];
  for (let left = message.readUInt16BE(6); left > 0; left -= 1) {
    if (message.readUInt16BE(at) !== 0xc00c || message.readUInt16BE(at + 10) !== 4) throw new Error("an odd record");
    addresses.push([...message.subarray(at + 12, at + 16)].join("."));
    at += 16;
  }
  let extended: DnsAnswer["extended"];
  if (message.readUInt16BE(10) === 1) {
    const options = message.readUInt16BE(at + 9);
    at += 11;
    if (options > 0) extended = { code: message.readUInt16BE(at + 4), text: message.toString("ascii", at + 6, at + options) };
    at += options;
  }
  if (at !== message.length) throw new Error("bytes behind the answer");
  return { code: message.readUInt16BE(2) & 15, addresses, extended };
}

/** Asks the gateway as a guest does. */
export async function askUdp(socket: UdpSocket, name: string, type: number = RECORD.A): Promise<DnsAnswer> {
  const query = makeQuery(name, type);
  const heard = once(socket, "message", { signal: AbortSignal.timeout(2_000) });
  socket.send(query, 53, "127.0.0.1");
  const [message] = (await heard) as [Buffer];
  return readAnswer(message, query);
}
