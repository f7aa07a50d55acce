// A small internet in a network namespace of its own: a DNS server, and an echo server at public addresses. Dials by the real
// resolver and prints what became of each name.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { makeDial } from "../../../../plugins/egress/gateway/dial.ts";
import { systemResolver } from "../../../../plugins/egress/gateway/resolver.ts";
import { canonicalName } from "../../../../plugins/egress/names/canonical-name.ts";
import { Policy } from "../../../../plugins/egress/policy/policy.ts";

/** What the DNS says; the names not listed do not exist. */
const ZONE: Readonly<Record<string, readonly string[]>> = {
  "elsewhere.test": ["93.184.216.35"],
  "ourselves.test": ["93.184.216.34"],
  "mixed.test": ["93.184.216.35", "10.0.0.1"],
  "hosts-file.test": ["93.184.216.35"],
};

const asked: string[] = [];
const dns = createSocket("udp4");
dns.on("message", (query, from) => {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const [name, type] = [labels.join("."), query.readUInt16BE(at + 1)];
  asked.push(name);
  const addresses = type === 1 ? (ZONE[name] ?? []) : [];
  const records = addresses.map((address) => Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split(".").map(Number)]));
  const head = Buffer.from([query[0] ?? 0, query[1] ?? 0, 0x81, ZONE[name] ? 0x80 : 0x83, 0, 1, 0, records.length, 0, 0, 0, 0]);
  dns.send(Buffer.concat([head, query.subarray(12, at + 5), ...records]), from.port, from.address);
});
dns.bind({ address: "127.0.0.1", port: 53 });
await once(dns, "listening");

const visitors: string[] = [];
const echo = createServer((socket) => {
  visitors.push(socket.localAddress ?? "");
  socket.destroy();
}).listen(443, "0.0.0.0");
await once(echo, "listening");

const dial = makeDial({ policy: new Policy({ mode: "open", allow: [], deny: [], ask: false }), upstreams: [], resolve: systemResolver() });
const outcomes: Record<string, string> = {};
for (const text of [...Object.keys(ZONE), "only-hosts-file.test", "searched"]) {
  const name = canonicalName(text);
  if (name === undefined) continue;
  const dialled = await dial(name, 443, new AbortController().signal);
  outcomes[text] = "why" in dialled ? dialled.why : `connected to ${dialled.address}`;
  if ("socket" in dialled) {
    await once(dialled.socket.resume(), "end");
    dialled.socket.destroy();
  }
}
console.log(JSON.stringify({ outcomes, visitors, asked: [...new Set(asked)] }));
process.exit();
