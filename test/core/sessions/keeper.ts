import { spawn } from "node:child_process";
import { beginSession } from "../../../core/sessions/begin.ts";
import { factsOf } from "../../../core/sessions/process-identity.ts";
import { Disposers } from "../../../core/support/disposers.ts";

// A stand-in for a cloche: keeps a session with a process in it until it is killed, or told to end by a line.
const [runtimeDirectory = "", name = "", kind = "plain"] = process.argv.slice(2);
const scope = new Disposers();
try {
  const session = await beginSession({ runtimeDirectory, project: "/project", ...(name ? { name } : {}) }, scope);
  // The shell's child stays in the group when the shell itself is ended.
  const command = kind === "orphan" || kind === "late" ? "sleep 300 & echo $!; exec sleep 0" : "sleep 300 & echo $!; wait";
  const child = spawn("/bin/sh", ["-c", command], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
  // Without a turn of the event loop nothing notices the shell's end: it stays a zombie.
  if (kind === "late") while (factsOf(child.pid ?? 0)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  session.watch(child.pid ?? 0);
  child.stdout.once("data", (grandchild: Buffer) => {
    process.stdout.write(`began ${JSON.stringify({ name: session.name, runDir: session.runDir, pids: [child.pid, Number(grandchild)] })}\n`);
  });
  process.stdin.once("data", async () => {
    process.kill(-(child.pid ?? 0), "SIGKILL");
    await scope.close();
    process.stdout.write("ended well\n", () => process.exit(0));
  });
} catch (error) {
  process.stdout.write(`failed ${(error as { code?: string }).code ?? String(error)}\n`);
}
