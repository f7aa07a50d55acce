import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { makeKeyPair } from "../../core/machine/host-keys.ts";
import { makeMachineId } from "../../core/machine/seed.ts";
import { IDENT } from "../../core/machine/ssh.ts";
import { SeedPort } from "../../core/machine/seed-port.ts";
import { seedScriptIn } from "../support/seed-script.ts";

const WAIT = { deadlineMs: 15_000, signal: new AbortController().signal };
const GREETING = `SSH-2.0-${IDENT}\r\n`;

/** Stands for sshd and its helper: says what it is and what it was told, and gives back in capitals what it hears after the greeting. */
const SSHD = String.raw`
use strict; $| = 1;
my $args = join " ", @ARGV;
if ($args =~ /SshdSessionPath=(\S+)/) {
  my $key = "\0\0\0\x0bssh-ed25519\0\0\0\x20" . ("p" x 32) . "\0\0\0\x40" . ("s" x 64);
  my $body = pack("N/a*", "x") . ("n" x 8) . $key;
  open my $file, ">", "FOLDER/run/sshd-state"; print $file pack("N", 1 + length $body), "\0$body"; exit;
}
my $what = "plain";
if ($args =~ /-R/) {
  open my $told, "<&=4"; read $told, my $length, 4; read $told, my $body, unpack "N", $length;
  $what = "ahead, " . ($body =~ /pppp|nnnn/ ? "with another's key" : "with its key");
}
sub hear { my $all = ""; while (sysread STDIN, my $byte, 1) { $all .= $byte; return $all if $byte eq "\n" } exit }
print "SSH-2.0-fake\r\n";
my $greeting = hear();
if ($args =~ /-R/) { open my $mark, ">", "FOLDER/greeted" }
print pack("N/a*", $what);
print $greeting if $what eq "plain";
while (1) { print uc hear() }
`;

/** The guest's seed receiver as it is, but for its port, its files and what applying does; nothing but a word of the host has it dial again. */
class Guest implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "cloche-dial-"));
  readonly #child: ChildProcess;
  readonly #server: Server;
  readonly #dialled: Socket[] = [];
  readonly #wanted: ((socket: Socket) => void)[] = [];
  readonly port: SeedPort;

  private constructor(folder: string, child: ChildProcess, server: Server, port: Socket) {
    rmSync(this.folder, { recursive: true });
    this.folder = folder;
    this.#child = child;
    this.#server = server;
    this.port = new SeedPort(port.on("error", () => {}), () => "");
    server.on("connection", (socket) => {
      socket.on("error", () => {});
      const wanted = this.#wanted.shift();
      if (wanted) wanted(socket);
      else this.#dialled.push(socket);
    });
  }

  static async start(): Promise<Guest> {
    const folder = mkdtempSync(join(tmpdir(), "cloche-dial-"));
    writeFileSync(join(folder, "sshd"), `#!/usr/bin/perl\n${SSHD.replaceAll("FOLDER", folder)}`, { mode: 0o700 });
    const keys = `put("$folder/$_", $all{$_}) for "host-key", "authorized-key";`;
    const script = seedScriptIn(folder)
      .replaceAll(/\/usr\/(sbin\/sshd\b(?!_)|lib\/openssh\/sshd-session)/g, join(folder, "sshd"))
      .replace("is_ready($told, 1)", "is_ready($told, 3600)")
      .replace(/^sub apply \{$/m, `sub apply { my %all = @_; ${keys} syswrite $dialler, "$all{dial}\\n"; return;`)
      .replace(/^sub apply_again \{$/m, `sub apply_again { my %all = @_; ${keys} dial_now("anew"); return;`)
      .replace(/^sub set_clock \{$/m, "sub set_clock { return;");
    writeFileSync(join(folder, "seed.pl"), script);
    const ports = createServer().listen(join(folder, "port"));
    await once(ports, "listening");
    const child = spawn("perl", [join(folder, "seed.pl")], { stdio: "ignore", detached: true });
    const [port] = (await once(ports, "connection")) as [Socket];
    ports.close();
    const server = createServer({ allowHalfOpen: false }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const guest = new Guest(folder, child, server, port);
    await guest.port.greet(WAIT);
    await guest.port.plant(guest.seed(), WAIT);
    return guest;
  }

  seed() {
    const { port } = this.#server.address() as AddressInfo;
    return { hostname: "h", machineId: makeMachineId(), hostKey: makeKeyPair().privateKey, authorizedKey: "a", dial: `127.0.0.1:${port}` };
  }

  /** The next connection that it dials. */
  async dialled(): Promise<Socket> {
    const waiting = this.#dialled.shift();
    return waiting ?? (await new Promise<Socket>((resolve) => this.#wanted.push(resolve)));
  }

  get hasGreeted(): boolean {
    return existsSync(join(this.folder, "greeted"));
  }

  [Symbol.dispose](): void {
    if (this.#child.pid !== undefined) process.kill(-this.#child.pid, "SIGKILL");
    this.#server.close();
    for (const socket of this.#dialled) socket.destroy();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

describe("The guest's dialler", function () {
  this.timeout(30_000);
  let guest: Guest;
  beforeEach(async () => (guest = await Guest.start()));
  afterEach(() => guest[Symbol.dispose]());

  /** All that is said until it ends, or until it ends so. */
  async function said(socket: Socket, end = /$^/): Promise<string> {
    let text = "";
    for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      text += chunk.toString("latin1");
      if (end.test(text)) break;
    }
    return text;
  }
  const packet = (text: string) => `\0\0\0${String.fromCharCode(text.length)}${text}`;

  /** A guest whose connection the host has ended, and that has said that it noticed. */
  async function left(): Promise<void> {
    const first = await guest.dialled();
    first.write(GREETING);
    expect(await said(first, /cloche\r\n$/)).to.equal(`SSH-2.0-fake\r\n${packet("plain")}${GREETING}`);
    first.end();
    const knock = await guest.dialled();
    expect(guest.hasGreeted).to.equal(true);
    expect(await said(knock)).to.equal("");
  }

  it("has made ready what will serve next before it says that the connection has ended, and dials when it is told to", async () => {
    await left();
    await guest.port.resume(Date.now(), WAIT);
    const next = await guest.dialled();
    const early = `SSH-2.0-fake\r\n${packet("ahead, with its key")}`;
    expect(await said(next, /key$/)).to.equal(early);
    next.write(GREETING.slice(0, 5));
    next.write(`${GREETING.slice(5)}one\n`);
    expect(await said(next, /\n/)).to.equal("ONE\n");
    next.write("two\n");
    expect(await said(next, /\n/)).to.equal("TWO\n");
    next.end();
    expect(await said(await guest.dialled())).to.equal(""); // and so on
  });

  it("carries much in both directions at once, though neither side listens for a while", async () => {
    await left();
    await guest.port.resume(Date.now(), WAIT);
    const next = await guest.dialled();
    const line = `${"a".repeat(1023)}\n`;
    next.write(GREETING + line.repeat(4096));
    await new Promise((resolve) => setTimeout(resolve, 300));
    let missing = `SSH-2.0-fake\r\n${packet("ahead, with its key")}`.length + 4096 * 1024;
    for await (const chunk of next as AsyncIterable<Buffer>) {
      missing -= chunk.length;
      if (missing <= 0) break;
    }
    expect(missing).to.equal(0);
  });

  it("does not serve a host that calls itself otherwise than was said for it", async () => {
    await left();
    await guest.port.resume(Date.now(), WAIT);
    const next = await guest.dialled();
    next.write("SSH-2.0-other!\r\nsecret\n");
    expect(await said(next)).to.not.include("SECRET");
  });

  it("ends what served when it is a copy's, and dials at once, with a server that was told the new keys", async () => {
    const first = await guest.dialled();
    await guest.port.plantAgain(guest.seed(), WAIT);
    await said(first);
    const next = await guest.dialled();
    next.write(GREETING);
    expect(await said(next, /cloche\r\n$/)).to.equal(`SSH-2.0-fake\r\n${packet("plain")}${GREETING}`);
    expect(guest.hasGreeted).to.equal(false);
  });

  it("gives up what was made ready with the keys of before when it is given others", async () => {
    await left();
    await guest.port.plantAgain(guest.seed(), WAIT);
    const next = await guest.dialled();
    next.write(GREETING);
    expect(await said(next, /key$/)).to.equal(`SSH-2.0-fake\r\n${packet("ahead, with its key")}`);
  });
});
