import { CLASS_IN, HEADER_BYTES, RCODE, TYPE } from "./constants.ts";

/** A question that can be answered. */
export interface Query {
  readonly id: number;
  readonly recursionDesired: boolean;
  /** Labels joined by dots, as latin1; bytes that no host name has are still in it. */
  readonly name: string;
  readonly type: number;
  /** The question as it came, to be repeated in the answer. */
  readonly question: Buffer;
  /** Whether the asker understands extended answers (RFC 6891). */
  readonly extended: boolean;
}

/** A message read: a query, something to refuse with a code, or something that is not answered at all. */
export type QueryReading =
  | { readonly kind: "query"; readonly query: Query }
  | { readonly kind: "bad"; readonly id: number; readonly code: number }
  | { readonly kind: "ignored" };

const LONGEST_MESSAGE = 4096;
const LONGEST_LABEL = 63;
const LONGEST_NAME = 255;
const RESPONSE_FLAG = 0x8000;
const RECURSION_FLAG = 0x0100;
const OPCODE_MASK = 0x7800;

/**
 * Reads one query. Strict: one question, at most one OPT record after it, nothing else and nothing behind; no compression.
 * Answers to questions nobody asked, and what is too short to have an id, are ignored, so that no two servers talk for ever.
 */
export function readQuery(message: Buffer): QueryReading {
  if (message.length < HEADER_BYTES) return { kind: "ignored" };
  const id = message.readUInt16BE(0);
  const flags = message.readUInt16BE(2);
  if ((flags & RESPONSE_FLAG) !== 0) return { kind: "ignored" };
  if ((flags & OPCODE_MASK) !== 0) return { kind: "bad", id, code: RCODE.notImplemented };
  const name = message.length > LONGEST_MESSAGE ? undefined : readName(message);
  if (!name || !hasOneQuestion(message)) return { kind: "bad", id, code: RCODE.formatError };
  const end = name.end + 4;
  const records = message.readUInt16BE(10);
  const fits = records === 0 ? message.length === end : records === 1 && isOneOpt(message, end);
  if (message.length < end || !fits) return { kind: "bad", id, code: RCODE.formatError };
  if (message.readUInt16BE(name.end + 2) !== CLASS_IN) return { kind: "bad", id, code: RCODE.refused };
  const query: Query = {
    id,
    recursionDesired: (flags & RECURSION_FLAG) !== 0,
    name: name.text,
    type: message.readUInt16BE(name.end),
    question: message.subarray(HEADER_BYTES, end),
    extended: records === 1,
  };
  return { kind: "query", query };
}

function hasOneQuestion(message: Buffer): boolean {
  return message.readUInt16BE(4) === 1 && message.readUInt16BE(6) === 0 && message.readUInt16BE(8) === 0;
}

function readName(message: Buffer): { readonly text: string; readonly end: number } | undefined {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (;;) {
    const length = message[at];
    if (length === undefined || length > LONGEST_LABEL || at + 1 + length > message.length) return undefined;
    at += 1 + length;
    if (at - HEADER_BYTES > LONGEST_NAME) return undefined;
    if (length === 0) return { text: labels.join("."), end: at };
    const label = message.toString("latin1", at - length, at);
    if (label.includes(".")) return undefined; // a dot within a label would read as two labels
    labels.push(label);
  }
}

/** An OPT record of the root, whose options fill the message exactly. */
function isOneOpt(message: Buffer, at: number): boolean {
  const fixed = 11; // name, type, class, ttl, length
  if (message.length < at + fixed || message[at] !== 0 || message.readUInt16BE(at + 1) !== TYPE.OPT) return false;
  return at + fixed + message.readUInt16BE(at + 9) === message.length;
}
