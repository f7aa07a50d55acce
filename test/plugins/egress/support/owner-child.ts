// Owns a gateway in the session's place, to be killed: prints the gateway's process id.
import { logger } from "../../../../core/support/log.ts";
import { Disposers } from "../../../../core/support/disposers.ts";
import { startGateway } from "../../../../plugins/egress/gateway-process.ts";

const [, , auditFile = ""] = process.argv;
const reach = { scope: new Disposers(), signal: new AbortController().signal, log: logger("egress"), onGone: () => {} };
const { pid } = await startGateway({ session: "secret-session", rules: [], upstreams: [], auditFile }, reach);
console.log(pid);
