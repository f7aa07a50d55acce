import { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { expect } from "chai";
import fc from "fast-check";
import { message, records, serverName, vector } from "../../support/hello.ts";
import { LARGEST_HELLO, readClientHello } from "../../../../../plugins/egress/gateway/connections/client-hello.ts";

/** What Node's own TLS sends first. */
async function helloOf(servername: string): Promise<Buffer> {
  let take: (bytes: Buffer) => void = () => {};
  const first = new Promise<Buffer>((resolve) => { take = resolve; });
  const wire = new Duplex({ read() {}, write(chunk: Buffer, _encoding, done) { take(chunk); done(); } });
  const tls = connectTls({ socket: wire, servername });
  tls.on("error", () => {});
  const hello = await first;
  tls.destroy();
  return hello;
}

const HELLO = { kind: "hello", serverName: "allowed.test", protocols: [] };
const bad = (why: string) => ({ kind: "bad", why });

describe("The ClientHello reader", () => {
  it("finds the name in what real TLS sends, cut at any byte", async () => {
    const hello = await helloOf("allowed.test");
    for (let length = 0; length < hello.length; length += 1) expect(readClientHello(hello.subarray(0, length)), `${length}`).to.deep.equal({ kind: "more" });
    expect(readClientHello(hello)).to.deep.equal(HELLO);
    expect(readClientHello(Buffer.concat([hello, Buffer.from("early data")]))).to.deep.equal(HELLO);
  });

  it("finds the protocols that are offered, and refuses a list that does not add up", () => {
    const offer = (body: Buffer) => readClientHello(records(message({ extensions: [serverName("allowed.test"), [16, body]] })));
    const protocol = (name: string) => vector(1, Buffer.from(name, "latin1"));
    expect(offer(vector(2, Buffer.concat([protocol("h2"), protocol("http/1.1")])))).to.deep.equal({ ...HELLO, protocols: ["h2", "http/1.1"] });
    for (const body of [Buffer.alloc(0), vector(2, Buffer.from([3, 104])), Buffer.concat([vector(2, protocol("h2")), Buffer.from([0])])]) {
      expect(offer(body)).to.deep.equal(bad("a malformed ClientHello"));
    }
  });

  it("says that there is no name", async () => {
    for (const bytes of [await helloOf(""), records(message({ extensions: [] }))]) expect(readClientHello(bytes)).to.deep.equal({ ...HELLO, serverName: undefined });
  });

  it("puts a hello together that is split over records, and refuses one in absurdly many", () => {
    const whole = message({ extensions: [serverName("allowed.test"), [21, Buffer.alloc(200)]] });
    for (let size = Math.ceil(whole.length / 32); size <= whole.length; size += 1) {
      const split = records(whole, size);
      for (const cut of [1, 5, 6, split.length - 1]) expect(readClientHello(split.subarray(0, cut))).to.deep.equal({ kind: "more" });
      expect(readClientHello(split)).to.deep.equal(HELLO);
    }
    expect(readClientHello(records(whole, 1))).to.deep.equal(bad("a ClientHello in too many pieces"));
  });

  it("reads the outer name when there is an encrypted ClientHello too, before or behind it, and makes none up", () => {
    const encrypted: [number, Buffer] = [0xfe0d, Buffer.alloc(250, 1)];
    for (const extensions of [[encrypted, serverName("allowed.test")], [serverName("allowed.test"), encrypted]]) {
      expect(readClientHello(records(message({ extensions })))).to.deep.equal(HELLO);
    }
    expect(readClientHello(records(message({ extensions: [encrypted] })))).to.deep.equal({ ...HELLO, serverName: undefined });
  });

  it("refuses two names, a repeated extension, another kind of name, an empty one", () => {
    const [type, body] = serverName("allowed.test");
    const two = vector(2, Buffer.concat([body.subarray(2), body.subarray(2)]));
    for (const extensions of [[[type, two]], [serverName("allowed.test"), serverName("evil.test")], [serverName("allowed.test", 1)], [serverName("")], [[0, Buffer.alloc(0)]]] as [number, Buffer][][]) {
      expect(readClientHello(records(message({ extensions })))).to.deep.equal(bad("a malformed ClientHello"));
    }
  });

  it("refuses what is oversized before it has come", () => {
    const head = Buffer.from([22, 3, 1, 0x40, 0, 1, 0, 0x80, 1]);
    expect(readClientHello(head)).to.deep.equal(bad("an oversized ClientHello"));
    const padded = message({ extensions: [serverName("allowed.test"), [21, Buffer.alloc(LARGEST_HELLO - 200)]] });
    expect(readClientHello(records(padded))).to.deep.equal(HELLO);
  });

  it("refuses what is not TLS at its first byte, and TLS that begins otherwise", () => {
    for (const text of ["GET / HTTP/1.1", "SSH-2.0", "\x80\x2e\x01\x03\x01", "\x16\x02", "\x16\x03\x05", "\x17\x03\x03", "\x00"]) {
      expect(readClientHello(Buffer.from(text, "latin1")), JSON.stringify(text)).to.deep.equal(bad("not TLS"));
    }
    expect(readClientHello(records(Buffer.from([2, 0, 0, 1, 0])))).to.deep.equal(bad("TLS that does not begin with a ClientHello"));
    expect(readClientHello(Buffer.from([22, 3, 1, 0, 0]))).to.deep.equal(bad("a TLS record of impossible length"));
    expect(readClientHello(Buffer.concat([Buffer.from([22, 3, 1]), vector(2, Buffer.concat([message(), Buffer.from([9])]))]))).to.deep.equal(
      bad("a ClientHello with something behind it in its record"),
    );
  });

  it("never finds a name in a hello that a single changed byte made another, unless both read alike", () => {
    const whole = records(message({ extensions: [[10, Buffer.from([0, 2, 0, 29])], serverName("allowed.test")] }));
    fc.assert(fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, value) => {
      const reading = readClientHello(Object.assign(Buffer.from(whole), { [at]: value }));
      if (reading.kind === "hello" && reading.serverName !== undefined) expect(reading.serverName).to.have.length("allowed.test".length);
    }), { numRuns: 5000 });
  });

  it("survives any bytes", () => {
    const framed = fc.uint8Array({ maxLength: 500 }).map((bytes) => records(Buffer.concat([Buffer.from([1]), vector(3, Buffer.from(bytes))])));
    fc.assert(fc.property(fc.oneof(framed, fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes))), (bytes) => {
      expect(["more", "hello", "bad"]).to.include(readClientHello(bytes).kind);
    }), { numRuns: 3000 });
  });
});
