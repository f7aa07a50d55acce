import { randomUUID } from "node:crypto";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import ssh2, { type AuthContext, type ServerChannel } from "ssh2";

/** What the test's own SSH server does with a command; without it, it never even answers. */
export type Behaviour = (command: string, channel: ServerChannel) => void;

/** An SSH server in our own process, for guests that do what OpenSSH never would. Answers the host's end of a connection with it. */
export async function dialFakeSshd(hostKey: string, authorizedKey: string, behave: Behaviour | undefined): Promise<Duplex> {
  const allowed = authorizedKey.trim().split(" ")[1];
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    client.on("error", () => {});
    client.on("authentication", (attempt: AuthContext) => {
      const right = attempt.method === "publickey" && attempt.username === "root" && attempt.key.data.toString("base64") === allowed;
      if (right) attempt.accept();
      else attempt.reject();
    });
    client.on("session", (accept) => {
      accept().on("exec", (acceptExec, _reject, { command }) => behave?.(command, acceptExec()));
    });
  });
  // A real socket: over a pair of streams in memory, answers come while ssh2's server still sends, which confuses it.
  const path = join(tmpdir(), `cloche-${randomUUID()}`);
  const listener = createServer((socket) => {
    server.injectSocket(socket);
    listener.close();
  });
  await new Promise<void>((resolve) => listener.listen(path, resolve));
  const stream = connect(path);
  await new Promise((resolve, reject) => stream.once("connect", resolve).once("error", reject));
  return stream;
}
