import { createServer, connect, type Socket } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { expect } from "chai";
import { makeKeyPair } from "../../../core/machine/host-keys.ts";
import { acceptSsh } from "../../../core/machine/ssh-accept.ts";
import { ClocheError } from "../../../core/support/errors.ts";
import { FakeMachine } from "../../support/fake-machine.ts";
import { TestSshd } from "../../support/sshd.ts";

const NEVER = new AbortController().signal;

describe("accepting the guest's SSH server", function () {
  this.timeout(20_000);
  let sshd: TestSshd;
  let folder: string;
  const sockets = new Set<Socket>();

  before(async () => {
    sshd = await TestSshd.start();
    folder = await mkdtemp(join(tmpdir(), "cloche-dial-"));
  });

  after(async () => {
    for (const socket of sockets) socket.destroy();
    await sshd[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  let count = 0;
  /** Somebody in the guest who dials and then does as told; answers the host's end. */
  async function dialled(act: (stranger: Socket) => void): Promise<Duplex> {
    const path = join(folder, String(count++));
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      act(socket);
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const stream = connect(path);
    stream.once("close", () => server.close());
    return stream;
  }

  async function failure(work: Promise<unknown>): Promise<ClocheError> {
    const error = await work.then(() => undefined, (reason: unknown) => reason);
    if (!(error instanceof ClocheError)) throw new Error(`not a failure: ${String(error)}`);
    return error;
  }

  it("connects when the session's host key is shown", async () => {
    const machine = new FakeMachine();
    machine.dial(await sshd.dial());
    const connection = await acceptSsh(machine, sshd.login, 10_000, NEVER);
    expect(connection.isClosed()).to.equal(false);
    connection.close();
    await connection.closed;
    expect(connection.isClosed()).to.equal(true);
  });

  it("finds the real server among many that say nothing or nonsense", async () => {
    const machine = new FakeMachine();
    for (let i = 0; i < 10; i += 1) {
      machine.dial(await dialled(() => {}));
      machine.dial(await dialled((stranger) => stranger.write(Buffer.alloc(100_000, 0xff))));
      machine.dial(await dialled((stranger) => stranger.write("SSH-2.0-x\r\n\u0000\u0000\u0010\u0000garbage".repeat(100))));
      machine.dial(await dialled((stranger) => stranger.destroy()));
    }
    machine.dial(await sshd.dial());
    const connection = await acceptSsh(machine, sshd.login, 10_000, NEVER);
    connection.close();
  });

  it("holds no more than eight that say nothing", async () => {
    const machine = new FakeMachine();
    const abort = new AbortController();
    const accepted = acceptSsh(machine, sshd.login, 10_000, abort.signal).catch(() => {});
    for (let i = 0; i < 30; i += 1) machine.dial(await dialled(() => {}));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(machine.dialled.filter((stream) => !stream.destroyed)).to.have.length(8);
    abort.abort(new Error("enough"));
    await accepted;
  });

  it("drops a connection with another host key, and takes the right one that comes later", async () => {
    await using impostor = await TestSshd.start(sshd.login.clientKey);
    const machine = new FakeMachine();
    machine.dial(await impostor.dial());
    setTimeout(() => void sshd.dial().then((stream) => machine.dial(stream)), 300);
    const connection = await acceptSsh(machine, sshd.login, 10_000, NEVER);
    connection.close();
  });

  it("says so when only another host key was shown", async () => {
    await using impostor = await TestSshd.start(sshd.login.clientKey);
    const machine = new FakeMachine();
    machine.console = "the end";
    machine.dial(await impostor.dial());
    const { code, message } = await failure(acceptSsh(machine, sshd.login, 700, NEVER));
    expect(code).to.equal("GUEST_KEY_WRONG");
    expect(message).to.contain("showed another one: 1").and.to.contain("the end");
  });

  it("says so when our key is refused", async () => {
    const machine = new FakeMachine();
    machine.dial(await sshd.dial());
    const { code, message } = await failure(acceptSsh(machine, { ...sshd.login, clientKey: makeKeyPair() }, 700, NEVER));
    expect(code).to.equal("GUEST_SSH_FAILED");
    expect(message).to.contain("authentication");
  });

  it("says so when nobody dials", async () => {
    const { code, message } = await failure(acceptSsh(new FakeMachine(), sshd.login, 30, NEVER));
    expect(code).to.equal("GUEST_SILENT");
    expect(message).to.contain("did not dial");
  });

  it("ends with the reason of the signal, and leaves no connection open", async () => {
    const machine = new FakeMachine();
    const stream = await dialled(() => {});
    machine.dial(stream);
    const abort = new AbortController();
    const accepted = acceptSsh(machine, sshd.login, 10_000, abort.signal);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const reason = new Error("enough");
    abort.abort(reason);
    expect(await accepted.then(() => undefined, (error: unknown) => error)).to.equal(reason);
    expect(stream.destroyed).to.equal(true);
  });
});
