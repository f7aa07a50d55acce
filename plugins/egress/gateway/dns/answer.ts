import { CLASS_IN, HEADER_BYTES, RCODE, TYPE } from "./constants.ts";
import type { Query } from "./query.ts";

const RESPONSE_FLAGS = 0x8080; // an answer, recursion available
const RECURSION_FLAG = 0x0100;
const NAME_OF_QUESTION = 0xc00c;
const TTL_S = 30;
const UDP_BYTES = 1232; // what fits any path, by the agreement of DNS flag day 2020
const OPTION_EXTENDED_ERROR = 15; // RFC 8914
const PROHIBITED = 18;

/** The name has this IPv4 address. */
export function answerWithAddress(query: Query, address: string): Buffer {
  const record = Buffer.alloc(16);
  record.writeUInt16BE(NAME_OF_QUESTION, 0);
  record.writeUInt16BE(TYPE.A, 2);
  record.writeUInt16BE(CLASS_IN, 4);
  record.writeUInt32BE(TTL_S, 6);
  record.writeUInt16BE(4, 10);
  for (const [index, octet] of address.split(".").entries()) record.writeUInt8(Number(octet), 12 + index);
  return assemble(query, RCODE.noError, record, undefined);
}

/** The name exists and has nothing of the type asked for. */
export function answerWithNothing(query: Query): Buffer {
  return assemble(query, RCODE.noError, undefined, undefined);
}

/** The name may not be asked for; whoever understands extended errors is told why. */
export function answerProhibited(query: Query, why: string): Buffer {
  return assemble(query, RCODE.refused, undefined, why);
}

/** A message that could not be read as a query. */
export function answerBad(id: number, code: number): Buffer {
  return header(id, RESPONSE_FLAGS | code, 0, 0, 0);
}

function assemble(query: Query, code: number, record: Buffer | undefined, why: string | undefined): Buffer {
  const flags = RESPONSE_FLAGS | (query.recursionDesired ? RECURSION_FLAG : 0) | code;
  const parts = [header(query.id, flags, 1, record ? 1 : 0, query.extended ? 1 : 0), query.question];
  if (record) parts.push(record);
  if (query.extended) parts.push(opt(why));
  return Buffer.concat(parts);
}

function header(id: number, flags: number, questions: number, answers: number, additional: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  for (const [index, value] of [id, flags, questions, answers, 0, additional].entries()) bytes.writeUInt16BE(value, index * 2);
  return bytes;
}

function opt(why: string | undefined): Buffer {
  const text = Buffer.from(why ?? "", "ascii");
  const option = why === undefined ? 0 : 6 + text.length;
  const bytes = Buffer.alloc(11 + option);
  bytes.writeUInt16BE(TYPE.OPT, 1);
  bytes.writeUInt16BE(UDP_BYTES, 3);
  bytes.writeUInt16BE(option, 9);
  if (why === undefined) return bytes;
  bytes.writeUInt16BE(OPTION_EXTENDED_ERROR, 11);
  bytes.writeUInt16BE(2 + text.length, 13);
  bytes.writeUInt16BE(PROHIBITED, 15);
  text.copy(bytes, 17);
  return bytes;
}
