import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Socket } from "node:net";
import { expect } from "chai";
import { makeQuery, readAnswer, RECORD } from "./support/dns-client.ts";
import { startEgress, type TestEgress } from "./support/egress.ts";

describe("The gateway's DNS", () => {
  let egress: TestEgress;
  let folder: string;
  before(async () => {
    egress = await startEgress(["allowed.test", "other.test"], []);
    folder = mkdtempSync(join(tmpdir(), "cloche-test-"));
    writeFileSync(join(folder, "resolv.conf"), "nameserver 127.0.0.1\n");
    writeFileSync(join(folder, "nsswitch.conf"), "hosts: files dns\n");
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await egress.end();
  });

  /** Runs a program inside with the system's own resolver set to ask the gateway. */
  function inside(...argv: string[]): { readonly said: string; readonly status: number | null; readonly tookMs: number } {
    const bind = (file: string): string[] => ["--ro-bind", join(folder, file), `/etc/${file}`];
    const [command = "", ...args] = [...egress.network.enter, "bwrap", "--ro-bind", "/", "/", ...bind("resolv.conf"), ...bind("nsswitch.conf"), ...argv];
    const started = performance.now();
    const { stdout, stderr, status } = spawnSync(command, args, { encoding: "utf8", env: { PATH: process.env["PATH"] } });
    return { said: stdout + stderr, status, tookMs: performance.now() - started };
  }

  it("is understood by the system's own resolver, for allowed names and for others at once", () => {
    expect(inside("getent", "ahosts", "allowed.test")).to.have.property("said").that.matches(/^198\.18\.0\.2 +STREAM/);
    expect(inside("getent", "ahostsv6", "allowed.test").status).to.equal(2);
    const denied = inside("getent", "ahosts", "denied.test");
    expect(denied).to.include({ status: 2, said: "" });
    expect(denied.tookMs).to.be.lessThan(1_000);
  });

  it("answers over TCP as over UDP, as many queries as come on a connection, however they are cut", async () => {
    const socket = await egress.inside.tcp("127.0.0.1", 53);
    const queries = [makeQuery("allowed.test", RECORD.A, { id: 1 }), makeQuery("denied.test", RECORD.A, { id: 2 }), makeQuery("other.test", RECORD.A, { id: 3 })];
    const bytes = Buffer.concat(queries.map(framed));
    for (const byte of bytes.subarray(0, 40)) socket.write(Buffer.from([byte]));
    socket.write(bytes.subarray(40));
    const answers = await messages(socket, 3);
    expect(answers.map((answer, index) => readAnswer(answer, queries[index] ?? Buffer.alloc(0)).addresses)).to.deep.equal([["198.18.0.2"], [], ["198.18.0.3"]]);
    socket.destroy();
  });

  it("hangs up on TCP that is no DNS, and on more connections than anyone needs", async () => {
    const many: Socket[] = [];
    for (let number = 0; number < 64; number += 1) many.push(await egress.inside.tcp("127.0.0.1", 53));
    const [first = expect.fail("none")] = many;
    const query = makeQuery("allowed.test", RECORD.A);
    first.write(framed(query));
    expect(await messages(first, 1)).to.have.length(1);
    const more = await egress.inside.tcp("127.0.0.1", 53).catch(() => undefined);
    expect(more === undefined || (await ended(more))).to.equal(true);
    first.write(Buffer.from([0, 3, 1, 2, 3]));
    expect(await ended(first)).to.equal(true);
    for (const socket of many) socket.destroy();
  });
});

function framed(message: Buffer): Buffer {
  return Buffer.concat([Buffer.from([message.length >> 8, message.length & 255]), message]);
}

async function messages(socket: Socket, count: number): Promise<Buffer[]> {
  let held = Buffer.alloc(0);
  const found: Buffer[] = [];
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
      found.push(held.subarray(2, 2 + held.readUInt16BE(0)));
      held = held.subarray(2 + held.readUInt16BE(0));
    }
    if (found.length === count) break;
  }
  return found;
}

async function ended(socket: Socket): Promise<boolean> {
  socket.resume();
  return await new Promise((resolve) => {
    socket.once("end", () => resolve(true)).once("error", () => resolve(true));
    setTimeout(() => resolve(false), 3_000).unref();
  });
}
