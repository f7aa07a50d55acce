import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { Disposers } from "../../core/support/disposers.ts";
import { Place } from "../../test/support/place.ts";
import { Program } from "../../test/support/program.ts";

const SESSION = "bench";
const READY = "here-it-is";
const NAME = "bench.test";
const BECOME_ROOT = ["become", "--reuid=0", "--regid=0", "--clear-groups", "--"];
// The guest dials, as it does for us, and serves OpenSSH on that connection.
const SERVE = `exec 3<>/dev/tcp/${NAME}/$0; mkdir -p /run/sshd /tmp/bench; cd /tmp/bench; rm -f key; ssh-keygen -qt ed25519 -N '' -f key
cat >authorized; chmod 600 authorized
exec /usr/sbin/sshd -i -f /dev/null -h $PWD/key -o AuthorizedKeysFile=$PWD/authorized -o PermitRootLogin=yes -o StrictModes=no -o PidFile=none <&3 >&3`;

/** A running session, and OpenSSH with a shared connection to its guest. */
export interface OpensshBaseline extends AsyncDisposable {
  readonly place: Place;
  readonly session: string;
  /** Runs a program over the shared connection; answers the time of the whole process, in ms. */
  ssh(program: string): Promise<number>;
}

/** Starts a session whose guest also serves OpenSSH, over a connection that it dials through the gateway. */
export async function opensshBaseline(): Promise<OpensshBaseline> {
  const scope = new Disposers();
  try {
    return await open(scope);
  } catch (error) {
    await scope.close();
    throw error;
  }
}

async function open(scope: Disposers): Promise<OpensshBaseline> {
  const program = new Program("root-door");
  await scope.defer("remove the program", () => program[Symbol.dispose]());
  const place = new Place("project", {}, program.command);
  await scope.defer("remove the place", () => place[Symbol.dispose]());
  const server = createServer({ pauseOnConnect: true });
  await scope.defer("close the listener", () => void server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = (server.address() as { port: number }).port;
  place.configure({ egress: { allow: [`${NAME}:${port}`], upstreams: { [`${NAME}:${port}`]: { address: "127.0.0.1", port } } } });

  const keeper = place.cloche(["--quiet", "exec", "--name", SESSION, "--", "sh", "-c", `echo ${READY}; exec cat`], { deadlineMs: 30 * 60_000 });
  await scope.defer("end the session", async () => {
    keeper.stdin.end();
    await keeper.ended;
  }, 60_000);
  await keeper.says(new RegExp(READY));
  const key = join(place.folder, "key");
  execFileSync("ssh-keygen", ["-qt", "ed25519", "-N", "", "-f", key]);
  const dialled = once(server, "connection") as Promise<[Socket]>;
  place.cloche(["exec", "--session", SESSION, "--", ...BECOME_ROOT, "bash", "-c", SERVE, String(port)], { input: readFileSync(`${key}.pub`), deadlineMs: 30 * 60_000 });
  const [socket] = await dialled;
  const local = await relay(join(place.runtime, "sshd"), socket, scope);
  const ssh = sshArguments(local, key, join(place.runtime, "shared"));
  const shared = spawn("ssh", [...ssh, "-MN", "root@guest"], { stdio: ["ignore", "ignore", "pipe"] });
  await scope.defer("end the shared connection", () => void shared.kill());
  await untilShared(ssh);
  return { place, session: SESSION, ssh: (program) => whole([...ssh, "root@guest", program]), [Symbol.asyncDispose]: async () => await scope.close() };
}

/** A Unix socket by which a client reaches the connection that the guest dialled. */
async function relay(path: string, socket: Socket, scope: Disposers): Promise<string> {
  const server: Server = createServer((client) => {
    client.pipe(socket).pipe(client);
    socket.resume();
    for (const end of [client, socket]) end.on("error", () => {});
  });
  server.listen(path);
  await once(server, "listening");
  await scope.defer("close the relay", () => {
    server.close();
    socket.destroy();
  });
  return path;
}

function sshArguments(local: string, key: string, shared: string): string[] {
  const connect = `python3 -c 'import socket,os,threading,sys
s=socket.socket(socket.AF_UNIX); s.connect("${local}")
def up():
  while (b:=os.read(0,65536)): s.sendall(b)
threading.Thread(target=up,daemon=True).start()
while (b:=s.recv(65536)): os.write(1,b)'`;
  const options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "IdentitiesOnly=yes", "BatchMode=yes", `ControlPath=${shared}`, `ProxyCommand=${connect.replaceAll("\n", "\n")}`];
  return ["-F", "/dev/null", "-i", key, ...options.flatMap((option) => ["-o", option])];
}

async function untilShared(ssh: readonly string[]): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const check = spawn("ssh", [...ssh, "-O", "check", "root@guest"], { stdio: "ignore" });
    const [status] = (await once(check, "exit")) as [number];
    if (status === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("OpenSSH did not get its shared connection");
}

async function whole(args: readonly string[]): Promise<number> {
  const began = performance.now();
  const child = spawn("ssh", args, { stdio: "ignore" });
  const [status] = (await once(child, "exit")) as [number];
  if (status !== 0) throw new Error(`ssh ended with ${status}`);
  return performance.now() - began;
}
