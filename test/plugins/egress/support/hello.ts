/** The parts of a ClientHello that tests vary. */
export interface Parts {
  readonly extensions?: readonly (readonly [type: number, body: Buffer])[];
  readonly version?: number;
}

/** A field after its length. */
export function vector(size: 1 | 2 | 3, body: Buffer): Buffer {
  const length = Buffer.alloc(size);
  length.writeUIntBE(body.length, 0, size);
  return Buffer.concat([length, body]);
}

/** The extension that names the host. */
export function serverName(name: string, type = 0): [number, Buffer] {
  return [0, vector(2, Buffer.concat([Buffer.from([type]), vector(2, Buffer.from(name, "latin1"))]))];
}

/** A ClientHello message built by hand, without its records. */
export function message({ extensions = [serverName("allowed.test")], version = 0x0303 }: Parts = {}): Buffer {
  const bodies = extensions.map(([type, body]) => Buffer.concat([Buffer.from([type >> 8, type & 255]), vector(2, body)]));
  const body = Buffer.concat([
    Buffer.from([version >> 8, version & 255]), Buffer.alloc(32, 7), vector(1, Buffer.alloc(32)), vector(2, Buffer.from([19, 1])), vector(1, Buffer.from([0])),
    vector(2, Buffer.concat(bodies)),
  ]);
  return Buffer.concat([Buffer.from([1]), vector(3, body)]);
}

/** The message in TLS records of at most this size. */
export function records(bytes: Buffer, size = 16_384): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) parts.push(Buffer.concat([Buffer.from([22, 3, 1]), vector(2, bytes.subarray(at, at + size))]));
  return Buffer.concat(parts);
}
