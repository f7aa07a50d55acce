// node full-audit.ts FILE: records decisions of which the second has room for a piece only, and the third for none.
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { AuditFile } from "../../../../plugins/egress/gateway/audit.ts";

const [, , file = ""] = process.argv;
const audit = new AuditFile(file, "test");
const record = (name: string): void => audit.record({ kind: "name", name, verdict: "allowed", why: "" });
const mostBytes = (limit: string) => execFileSync("prlimit", ["--pid", String(process.pid), `--fsize=${limit}:`]);

record("first");
mostBytes(String(statSync(file).size + 20));
record("second");
record("third");
mostBytes("unlimited");
record("fourth");
record("fifth");
