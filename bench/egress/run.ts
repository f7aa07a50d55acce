// What `npm run bench:egress` runs: the gateway alone, in a jail's real network, driven by programs that are not JavaScript.
// Words choose: passed, many, intercepted, leak. Needs a C compiler and curl. Figures are ratios, or for one second of one processor.
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../core/support/package-root.ts";
import { makeCertificate } from "../../test/plugins/egress/support/certificates.ts";
import { startEgress, type TestEgress } from "../../test/plugins/egress/support/egress.ts";
import { message, records, serverName } from "../../test/plugins/egress/support/hello.ts";
import { confinedChild, descriptors, memory, processorSeconds, run, startServer } from "./processes.ts";

const SOURCES = join(packageRoot(), "bench", "egress");
const MEGABYTE = 1e6;
const [HUGE, BIG, SMALL] = [4e9, 1e9, 100];
const chosen = process.argv.slice(2);
const wanted = (word: string): boolean => chosen.length === 0 || chosen.includes(word);
const say = (name: string, value: string): void => void process.stdout.write(`${name.padEnd(64)} ${value}\n`);

const folder = mkdtempSync(join(tmpdir(), "cloche-bench-"));
const running: ChildProcess[] = [];
const at = (name: string): string => join(folder, name);
const certificate = makeCertificate(["bench.test", "seen.test"]);
for (const [name, pem] of Object.entries(certificate)) writeFileSync(at(`${name}.pem`), pem);
execFileSync("cc", ["-O2", "-o", at("native"), join(SOURCES, "native.c")]);

/** A greeting that carries an order to the server behind the gateway, to whom it goes untouched. */
function greeting(order: string): string {
  const path = at(order.replaceAll(" ", "-"));
  writeFileSync(path, records(message({ extensions: [serverName("bench.test"), [21, Buffer.from(`<cloche:${order}>`)]] })));
  return path;
}

async function untouched(egress: TestEgress, gatewayPid: number): Promise<void> {
  const address = await egress.addressOf("bench.test");
  const ask = async (order: string, count: number, atOnce: number): Promise<{ readonly bytes: number; readonly seconds: number; readonly processor: number }> => {
    const before = processorSeconds(gatewayPid);
    const said = await run([...egress.network.enter, at("native"), "ask", address, "443", greeting(order), String(count), String(atOnce)]);
    const [bytes = 0, seconds = 0] = said.trim().split(" ").map(Number);
    return { bytes, seconds, processor: processorSeconds(gatewayPid) - before };
  };

  say("gateway, idle", `${memory(gatewayPid).toFixed(0)} MB`);
  if (wanted("passed")) {
    for (const [way, order] of [["to the guest", `down ${HUGE}`], ["from the guest", `up ${HUGE}`]] as const) {
      const { bytes, seconds, processor } = await ask(order, 1, 1);
      say(`passed through, ${way}`, `${(bytes / MEGABYTE / seconds).toFixed(0)} MB/s, ${(bytes / MEGABYTE / processor).toFixed(0)} MB per processor second (wanted 1000)`);
    }
    say("gateway, after that", `${memory(gatewayPid).toFixed(0)} MB`);
    const { seconds, processor } = await ask(`down ${SMALL}`, 20_000, 32);
    say("short connections", `${(20_000 / seconds).toFixed(0)} a second, ${((processor / 20_000) * 1e6).toFixed(0)} µs of processor each`);
  }
  if (wanted("leak")) {
    for (let round = 0; round <= 10; round += 1) {
      if (round > 0) await ask(`down ${SMALL}`, 10_000, 32);
      say(`after ${round * 10_000} connections`, `${memory(gatewayPid).toFixed(1)} MB, ${descriptors(gatewayPid)} descriptors`);
    }
  }
  if (wanted("many")) {
    const child = spawn(egress.network.enter[0] ?? "", [...egress.network.enter.slice(1), at("native"), "ask", address, "443", greeting("hold 0"), "1000", "1000", "hold"], { stdio: ["pipe", "pipe", "inherit"] });
    await once(child.stdout, "data");
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    say("1000 connections at once", `${memory(gatewayPid).toFixed(0)} MB (wanted 100), ${descriptors(gatewayPid)} descriptors`);
    child.stdin.end();
    await once(child, "close");
  }
}

/** Downloads by curl through the bare relay and through the gateway; what counts is the processor time of either. */
async function intercepted(egress: TestEgress, gatewayPid: number): Promise<void> {
  writeFileSync(at("authority.pem"), egress.authority ?? "");
  const relay = await startServer([process.execPath, join(SOURCES, "bare-relay.mjs"), at("cert.pem"), at("key.pem"), at("ca.pem"), String(source.port)], running);
  const seen = await egress.addressOf("seen.test");
  const measure = async (pid: number, argv: readonly string[]): Promise<number> => {
    const before = processorSeconds(pid);
    await run([...argv, "-sS", "-o", "/dev/null"]);
    return BIG / MEGABYTE / (processorSeconds(pid) - before);
  };
  writeFileSync(at("upload"), Buffer.alloc(BIG / 4));
  const upload = ["-T", at("upload"), "-T", at("upload"), "-T", at("upload"), "-T", at("upload")];
  for (const [way, bareArgs, args] of [
    ["down", [`https://bench.test:${relay.port}/down/${BIG}`], [`https://seen.test/down/${BIG}`]],
    ["up", [...upload, `https://bench.test:${relay.port}/{a,b,c,d}`], [...upload, "https://seen.test/{a,b,c,d}"]],
  ] as const) {
    const bare = await measure(relay.pid, ["curl", "--http1.1", "--cacert", at("ca.pem"), "--resolve", `bench.test:${relay.port}:127.0.0.1`, ...bareArgs]);
    say(`a bare TLS relay in Node, ${way}`, `${bare.toFixed(0)} MB per processor second`);
    for (const protocol of ["--http1.1", "--http2"]) {
      const rate = await measure(gatewayPid, [...egress.network.enter, "curl", protocol, "--cacert", at("authority.pem"), "--resolve", `seen.test:443:${seen}`, ...args]);
      say(`intercepted, curl ${protocol}, ${way}`, `${rate.toFixed(0)} MB per processor second, ${(rate / bare).toFixed(2)} of the bare relay (wanted 0.5)`);
    }
  }
  say("gateway, after that", `${memory(gatewayPid).toFixed(0)} MB, ${descriptors(gatewayPid)} descriptors`);
}

const native = await startServer([at("native"), "serve"], running);
const source = await startServer([process.execPath, join(SOURCES, "tls-source.mjs"), at("cert.pem"), at("key.pem")], running);
try {
  // each a gateway of its own, since connections that are held go on for minutes, and what was intercepted leaves its memory behind
  for (const [measure, words] of [[untouched, ["passed", "leak", "many"]], [intercepted, ["intercepted"]]] as const) {
    if (!words.some(wanted)) continue;
    const egress = await startEgress(
      ["bench.test", "seen.test"],
      [{ target: "bench.test:443", address: "127.0.0.1", port: native.port }, { target: "seen.test:443", address: "127.0.0.1", port: source.port, ca: certificate.ca }],
      [{ by: "bench", module: new URL("part.ts", import.meta.url) }],
    );
    try {
      await measure(egress, confinedChild(egress.pid));
    } finally {
      await egress.end();
    }
  }
} finally {
  for (const child of running) child.kill();
  rmSync(folder, { recursive: true });
}
