/** How far a ClientHello has been read: more bytes needed, the name it asks for, if any, and the protocols it offers (ALPN), or why it cannot be let through. */
export type HelloReading =
  | { readonly kind: "more" }
  | { readonly kind: "hello"; readonly serverName: string | undefined; readonly protocols: readonly string[] }
  | { readonly kind: "bad"; readonly why: string };

const RECORD_HEADER = 5;
const RECORD_HANDSHAKE = 22;
const LARGEST_RECORD = 16_384; // RFC 8446 5.1
const MOST_RECORDS = 32; // reading is repeated for each segment that comes, so it has to stay cheap
const MESSAGE_HEADER = 4;
const CLIENT_HELLO = 1;
const EXTENSION_SERVER_NAME = 0;
const EXTENSION_ALPN = 16;

/** The most that is read in search of a name, in bytes; browsers and post-quantum keys need about 2 KiB. */
export const LARGEST_HELLO = 32_768;

/**
 * Reads the ClientHello at the start of a connection, however it is cut into TCP segments or TLS records. Every length must
 * add up exactly; what is not TLS, or repeats an extension, is bad. An encrypted ClientHello inside is no concern
 * here: browsers always send one, most often a random one (GREASE), and nobody but the server can tell the difference.
 */
export function readClientHello(bytes: Buffer): HelloReading {
  const message = gatherMessage(bytes);
  return "kind" in message ? message : readMessage(message);
}

/** Puts the handshake message together from the records it is split over. */
function gatherMessage(bytes: Buffer): Buffer | HelloReading {
  const parts: Buffer[] = [];
  const head: number[] = [];
  let gathered = 0;
  let at = 0;
  while (parts.length < MOST_RECORDS) {
    const [type = RECORD_HANDSHAKE, major = 3, minor = 0] = bytes.subarray(at, at + 3);
    if (type !== RECORD_HANDSHAKE || major !== 3 || minor > 4) return bad("not TLS");
    if (bytes.length < at + RECORD_HEADER) return more(bytes);
    const length = bytes.readUInt16BE(at + 3);
    if (length === 0 || length > LARGEST_RECORD) return bad("a TLS record of impossible length");
    const fragment = bytes.subarray(at + RECORD_HEADER, at + RECORD_HEADER + length);
    parts.push(fragment);
    gathered += fragment.length;
    head.push(...fragment.subarray(0, MESSAGE_HEADER - head.length));
    if ((head[0] ?? CLIENT_HELLO) !== CLIENT_HELLO) return bad("TLS that does not begin with a ClientHello");
    const end = messageEnd(head);
    if (end !== undefined && end > LARGEST_HELLO) return bad("an oversized ClientHello");
    if (end !== undefined && gathered > end) return bad("a ClientHello with something behind it in its record");
    if (gathered === end) return Buffer.concat(parts, gathered).subarray(MESSAGE_HEADER);
    if (fragment.length < length) return more(bytes);
    at += RECORD_HEADER + length;
  }
  return bad("a ClientHello in too many pieces");
}

function messageEnd([, high, middle, low]: readonly number[]): number | undefined {
  if (high === undefined || middle === undefined || low === undefined) return undefined;
  return MESSAGE_HEADER + (high << 16) + (middle << 8) + low;
}

function readMessage(message: Buffer): HelloReading {
  try {
    const hello = new Fields(message);
    hello.skip(2 + 32); // legacy version, random
    hello.vector(1); // session
    hello.vector(2); // cipher suites
    hello.vector(1); // compression
    if (hello.done) return { kind: "hello", serverName: undefined, protocols: [] };
    const extensions = readExtensions(hello.vector(2));
    if (!hello.done) return bad("a malformed ClientHello");
    const names = extensions.get(EXTENSION_SERVER_NAME);
    const protocols = extensions.get(EXTENSION_ALPN);
    return { kind: "hello", serverName: names ? readServerName(names) : undefined, protocols: protocols ? readProtocols(protocols) : [] };
  } catch (error) {
    if (error instanceof Malformed) return bad("a malformed ClientHello");
    throw error;
  }
}

function readExtensions(fields: Fields): Map<number, Fields> {
  const extensions = new Map<number, Fields>();
  while (!fields.done) {
    const type = fields.number(2);
    if (extensions.has(type)) throw new Malformed();
    extensions.set(type, fields.vector(2));
  }
  return extensions;
}

// RFC 6066 3: a list of names, of which only one of type host_name is defined and allowed
function readServerName(extension: Fields): string {
  const list = extension.vector(2);
  const type = list.number(1);
  const name = list.vector(2).rest();
  if (type !== 0 || name.length === 0 || !list.done || !extension.done) throw new Malformed();
  return name.toString("latin1");
}

// RFC 7301 3.1
function readProtocols(extension: Fields): readonly string[] {
  const list = extension.vector(2);
  const protocols: string[] = [];
  while (!list.done) protocols.push(list.vector(1).rest().toString("latin1"));
  if (!extension.done) throw new Malformed();
  return protocols;
}

function more(bytes: Buffer): HelloReading {
  return bytes.length >= LARGEST_HELLO ? bad("an oversized ClientHello") : { kind: "more" };
}

function bad(why: string): HelloReading {
  return { kind: "bad", why };
}

class Malformed extends Error {}

/** Walks over length-prefixed fields; throws Malformed when they end too early. */
class Fields {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  number(size: 1 | 2): number {
    return this.#take(size).readUIntBE(0, size);
  }

  skip(size: number): void {
    this.#take(size);
  }

  vector(lengthSize: 1 | 2): Fields {
    return new Fields(this.#take(this.number(lengthSize)));
  }

  rest(): Buffer {
    return this.#take(this.#bytes.length - this.#at);
  }

  #take(size: number): Buffer {
    const end = this.#at + size;
    if (end > this.#bytes.length) throw new Malformed();
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}
