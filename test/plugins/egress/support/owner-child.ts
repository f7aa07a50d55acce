// Owns a gateway in the session's place, to be killed: prints the gateway's process id.
import { once } from "node:events";
import { createServer } from "node:net";
import { logger } from "../../../../core/support/log.ts";
import { Disposers } from "../../../../core/support/disposers.ts";
import { startGateway } from "../../../../plugins/egress/gateway-process.ts";

const [, , auditFile = ""] = process.argv;
const reach = { scope: new Disposers(), signal: new AbortController().signal, log: logger("egress"), onGone: () => {} };
const gateway = await startGateway({ session: "test", policy: { mode: "allowlist", allow: [], deny: [], ask: false }, upstreams: [], parts: [], auditFile }, reach);
const listener = createServer().listen(0, "127.0.0.1"); // by itself it would keep the gateway alive
await once(listener, "listening");
await gateway.offer("listener", listener);
console.log(gateway.pid);
