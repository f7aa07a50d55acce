import { once } from "node:events";
import { Readable, type Transform } from "node:stream";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { expect } from "chai";
import fc from "fast-check";
import { decodersFor, readable } from "../../../../plugins/credentials/gateway/streams/decoding.ts";
import { formsOf } from "../../../../plugins/credentials/gateway/streams/needles.ts";
import { Replacing } from "../../../../plugins/credentials/gateway/streams/replacing.ts";
import { Watching } from "../../../../plugins/credentials/gateway/streams/watching.ts";

const REAL = "sk-real-7f3a+/9c01d2e4b5==";
const PLACEHOLDER = "sk-fake-0000000000000000aa";
const needles = formsOf(REAL, PLACEHOLDER);

function* pieces(bytes: Buffer, length: number): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function through(bytes: Buffer, length: number, ...streams: readonly Transform[]): Promise<string> {
  const last = streams.reduce<Readable>((before, next) => before.pipe(next), Readable.from(pieces(bytes, length)));
  const out: Buffer[] = [];
  for await (const chunk of last) out.push(chunk as Buffer);
  return Buffer.concat(out).toString("utf8");
}

describe("A real value in an answer", () => {
  it("is replaced wherever the stream is cut", async () => {
    const text = `a ${REAL} b ${REAL}${REAL} sk-real-7f sk-re`;
    for (let length = 1; length <= text.length; length++) {
      expect(await through(Buffer.from(text), length, new Replacing(needles))).to.equal(text.replaceAll(REAL, PLACEHOLDER));
    }
  });

  it("is replaced in an address, in JSON, and in base64 at any place", async () => {
    const json = JSON.stringify({ key: REAL }).replaceAll("/", "\\/");
    expect(await through(Buffer.from(`k=${encodeURIComponent(REAL)} ${json}`), 5, new Replacing(needles))).to.equal(`k=${PLACEHOLDER} {"key":"${PLACEHOLDER}"}`);
    for (let before = 0; before < 3; before++) {
      const encoded = Buffer.from(`${"u".repeat(before)}:${REAL}`).toString("base64");
      const clean = await through(Buffer.from(encoded), 4, new Replacing(needles));
      expect(Buffer.from(clean, "base64").toString()).to.include("fake-00000").and.not.include("7f3a");
    }
  });

  it("is replaced below every encoding that we let a host use", async () => {
    const text = Buffer.from(`${"words ".repeat(2000)}${REAL}${" more".repeat(2000)}`);
    for (const [name, bytes] of [["gzip", gzipSync(text)], ["br", brotliCompressSync(text)], ["deflate", deflateSync(text)], ["gzip, br", brotliCompressSync(gzipSync(text))]] as const) {
      for (const length of [1, 13, 4096]) {
        const clean = await through(bytes, length, ...(decodersFor(name) ?? []), new Replacing(needles));
        expect(clean, name).to.equal(text.toString().replaceAll(REAL, PLACEHOLDER));
      }
    }
    expect(decodersFor("compress")).to.equal(undefined);
    expect(readable("gzip, compress;q=0.5, br")).to.equal("gzip, br");
    expect([readable("compress"), readable(undefined)]).to.deep.equal(["identity", "identity"]);
  });

  it("leaves all else as it is, byte for byte", async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), fc.integer({ min: 1, max: 50 }), async (bytes, length) => {
      const out: Buffer[] = [];
      for await (const chunk of Readable.from(pieces(Buffer.from(bytes), length)).pipe(new Replacing(needles))) out.push(chunk as Buffer);
      expect(Buffer.concat(out).equals(Buffer.from(bytes))).to.equal(true);
    }), { numRuns: 50 });
  });

  it("lets what is streamed word by word through word by word, in far less than 5 ms", async () => {
    const stream = new Replacing(needles);
    const event = Buffer.from('event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"text":"sk"}}\n\n');
    for (let index = 0; index < 100; index++) {
      const started = performance.now();
      const [, said] = (stream.write(event), await Promise.all([0, stream.readableLength > 0 ? stream.read() as Buffer : once(stream, "readable").then(() => stream.read() as Buffer)]));
      expect(said.equals(event)).to.equal(true);
      expect(performance.now() - started).to.be.lessThan(5);
    }
  });
});

describe("A placeholder in a request's body", () => {
  const watched = formsOf(PLACEHOLDER, "");

  /** What passes, and how often it was found. */
  async function watch(bytes: Buffer, length: number, encoding?: string): Promise<{ passed: number; found: number }> {
    let found = 0;
    let passed = 0;
    const stream = new Watching(watched, encoding, () => {
      found += 1;
      stream.destroy();
    });
    stream.on("data", (chunk: Buffer) => { passed += chunk.length; }).on("error", () => {});
    const closed = once(stream, "close");
    Readable.from(pieces(bytes, length)).pipe(stream);
    await closed;
    return { passed, found };
  }

  it("is found wherever the stream is cut, also in base64 and below an encoding, and its end does not pass", async () => {
    const text = `${"a".repeat(50)}${PLACEHOLDER}${"b".repeat(50)}`;
    for (const length of [1, 7, 64, 1000]) {
      const { passed, found } = await watch(Buffer.from(text), length);
      expect(found).to.equal(1);
      expect(passed).to.be.lessThan(50 + PLACEHOLDER.length);
      expect((await watch(Buffer.from(Buffer.from(text).toString("base64")), length)).found).to.equal(1);
      expect((await watch(gzipSync(text), length, "gzip")).found, `gzip ${length}`).to.equal(1);
    }
  });

  it("that is not there lets everything pass", async () => {
    const bytes = gzipSync("x".repeat(10_000));
    expect(await watch(bytes, 10, "gzip")).to.deep.equal({ passed: bytes.length, found: 0 });
    expect(await watch(Buffer.from("not gzip"), 3, "gzip")).to.deep.equal({ passed: 8, found: 0 });
  });
});
