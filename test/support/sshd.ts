import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { makeKeyPair, type KeyPair } from "../../core/machine/host-keys.ts";
import type { SshLogin } from "../../core/machine/ssh.ts";
import { packageRoot } from "../../core/support/package-root.ts";

const SSHD = "/usr/sbin/sshd";
const ENTER = "/usr/lib/cloche/enter";

// What guest/enter does, for the user that we are: there is no agent on a host.
const FAKE_ENTER = `#!/bin/bash
shift
if [ $# -eq 0 ]; then
  IFS= read -r rest || exit 0
  eval "$rest"
fi
[ "$1" = /home/agent ] || cd "$1" || exit 126
shift
[ $# -gt 0 ] || set -- bash --norc
exec "$@"
`;

/** A real OpenSSH server with the guest's own configuration, on connections of this host, each served by a process of its own. */
export class TestSshd implements AsyncDisposable {
  readonly login: SshLogin;
  readonly #folder: string;
  readonly #server: Server;
  readonly #children = new Set<ChildProcess>();

  private constructor(folder: string, server: Server, login: SshLogin) {
    this.#folder = folder;
    this.#server = server;
    this.login = login;
  }

  static async start(clientKey: KeyPair = makeKeyPair()): Promise<TestSshd> {
    const folder = await mkdtemp(join(tmpdir(), "cloche-sshd-"));
    await chmod(folder, 0o755);
    const hostKey = makeKeyPair();
    const write = (name: string, text: string, mode = 0o600) => writeFileSync(join(folder, name), text, { mode });
    write("host-key", hostKey.privateKey);
    write("authorized-key", `${clientKey.publicKey}\n`);
    write("enter", FAKE_ENTER, 0o755);
    const settings = readFileSync(join(packageRoot(), "guest/sshd_config"), "utf8").replaceAll("/run/cloche/", `${folder}/`);
    // Through bash, whatever shell the user has; it becomes the command, so that the process stays the same.
    const force = `ForceCommand exec bash -c 'eval "\${SSH_ORIGINAL_COMMAND//${ENTER.replaceAll("/", "\\/")}/${folder}/enter}"'`;
    write("config", `${settings}\nStrictModes no\n${force}\n`);
    if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true });

    const server = createServer({ pauseOnConnect: true });
    const sshd = new TestSshd(folder, server, { user: userInfo().username, clientKey, hostKey });
    server.on("connection", (socket) => sshd.#serve(socket));
    await new Promise<void>((resolve) => server.listen(join(folder, "socket"), resolve));
    return sshd;
  }

  /** What the guest does when it dials: a new connection with a server at its end. */
  async dial(): Promise<Duplex> {
    // As hard as it can be: the end of the other side is only seen by who looks for it.
    const socket = connect({ path: join(this.#folder, "socket"), allowHalfOpen: true });
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return socket;
  }

  /**
   * A normal user's sshd gives up when it may not give a terminal to the group tty, so it must not know of that group; and none of
   * its processes may stay when the first is killed.
   */
  #besideRoot(): readonly string[] {
    const group = join(this.#folder, "group");
    writeFileSync(group, `${userInfo().username}:x:${userInfo().gid}:\n`);
    return ["bwrap", "--dev-bind", "/", "/", "--ro-bind", group, "/etc/group", "--unshare-pid", "--proc", "/proc", "--die-with-parent", "--"];
  }

  /** Ends every server process, as when the guest's sshd is killed. */
  killAll(): void {
    for (const child of this.#children) child.kill("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.killAll();
    this.#server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #serve(socket: Socket): void {
    const [command = "", ...before] = userInfo().uid === 0 ? [SSHD] : [...this.#besideRoot(), SSHD];
    const child = spawn(command, [...before, "-i", "-f", join(this.#folder, "config")], { stdio: [socket, socket, "inherit"] });
    this.#children.add(child);
    child.once("exit", () => {
      this.#children.delete(child);
      socket.destroy();
    });
    child.once("error", (error) => socket.destroy(error));
  }
}
