import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { qemuOf } from "./qemu-of.ts";
import type { Ended, Started } from "./started.ts";
import { WatchedPlace } from "./watched-place.ts";

const BYTES = 1024 * 1024;
const ALLOWED = "witness.example:7777";
const GREETING = "hello from outside";
const DIAL = (target: string) => `exec 3<>/dev/tcp/${target} && cat <&3`;

/** The whole of a session in small: started, used and ended. For each QEMU and each user that sessions run with. */
export class Smoke implements AsyncDisposable {
  readonly place = new WatchedPlace();
  readonly #witness = createServer((socket) => void socket.end(`${GREETING}\n`));
  #session: Started | undefined;

  /** Starts the session and waits until its command runs. */
  async start(): Promise<Started> {
    this.#witness.listen(0, "127.0.0.1");
    await once(this.#witness, "listening");
    const { port } = this.#witness.address() as AddressInfo;
    this.place.configure({ egress: { allow: [ALLOWED], upstreams: { [ALLOWED]: { address: "127.0.0.1", port } } } });
    this.#session = this.place.cloche(["exec", "--name", "smoke", "--", "sh", "-c", "echo up; echo apart >&2; sha256sum; exit 7"]);
    await this.#session.says(/up\n/);
    return this.#session;
  }

  /** Runs a command in the session. */
  async run(...argv: readonly string[]): Promise<Ended> {
    return await this.place.cloche(["exec", "--session", "smoke", "--", ...argv], { input: "" }).ended;
  }

  /** The QEMU that runs is the one in this directory. */
  expectQemuOf(root: string): void {
    const qemu = qemuOf(this.#session?.pid ?? 0);
    const { dev, ino } = statSync(join(root, readlinkSync(`/proc/${qemu}/exe`)));
    const running = statSync(`/proc/${qemu}/exe`);
    expect([running.dev, running.ino]).to.deep.equal([dev, ino]);
  }

  /** The agent is a normal user in the project, which is live both ways. */
  async expectShare(): Promise<void> {
    writeFileSync(join(this.place.project, "from-host"), "from the host\n");
    const ended = await this.run("sh", "-c", "id -u; cat from-host; echo from the guest >from-guest; chmod 4755 from-guest; stat -c %u from-guest");
    expect(ended.stdout).to.equal("1000\nfrom the host\n1000\n");
    const { uid, mode } = statSync(join(this.place.project, "from-guest"));
    expect({ uid, mode: mode & 0o7000 }).to.deep.equal({ uid: process.getuid?.(), mode: 0 });
    expect(readFileSync(join(this.place.project, "from-guest"), "utf8")).to.equal("from the guest\n");
  }

  /** What a rule allows is reached through the gateway, under the name that it has, and nothing else is. */
  async expectEgress(): Promise<void> {
    const allowed = await this.run("bash", "-c", DIAL(ALLOWED.replace(":", "/")));
    expect(allowed.stdout).to.equal(`${GREETING}\n`);
    const { port } = this.#witness.address() as AddressInfo;
    for (const target of [`10.0.2.2/${port}`, `127.0.0.1/${port}`, "witness.example/7778", "other.example/7777"]) {
      const refused = await this.run("timeout", "20", "bash", "-c", DIAL(target));
      expect(refused, target).to.include({ status: 1, stdout: "" });
    }
  }

  /** Ends the command by its input: streams and status come through, and nothing remains. */
  async expectEnd(): Promise<Ended> {
    const sent = randomBytes(BYTES);
    this.#session?.stdin.end(sent);
    const ended = (await this.#session?.ended) as Ended;
    expect(ended).to.include({ status: 7, stdout: `up\n${createHash("sha256").update(sent).digest("hex")}  -\n` });
    expect(ended.stderr).to.match(/^apart$/m);
    await this.place.expectNothingLeft();
    return ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#session?.kill("SIGKILL");
    await this.#session?.ended.catch(() => {});
    this.#witness.close();
    this.place[Symbol.dispose]();
  }
}
