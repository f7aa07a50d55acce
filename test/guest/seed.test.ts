import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { encodeSeed, makeMachineId } from "../../core/machine/seed.ts";
import { SeedPort } from "../../core/machine/seed-port.ts";
import { isFailure } from "../../core/support/errors.ts";
import { seedScriptIn } from "../support/seed-script.ts";
import { ROOT } from "../support/sources.ts";

const WAIT = { deadlineMs: 5_000, signal: new AbortController().signal };
const SEED = { hostname: "h", machineId: makeMachineId(), hostKey: "k", authorizedKey: "a", dial: "127.0.0.1:1" };

/** The guest's seed receiver as it is, but that its port is a socket, that its files lie in a folder, and that nothing is applied. */
class Receiver implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "cloche-seed-"));
  readonly #child: ChildProcess;
  readonly socket: Socket;

  private constructor(child: ChildProcess, socket: Socket, folder: string) {
    rmSync(this.folder, { recursive: true });
    this.folder = folder;
    this.#child = child;
    this.socket = socket;
  }

  static async start(): Promise<Receiver> {
    const folder = mkdtempSync(join(tmpdir(), "cloche-seed-"));
    const script = seedScriptIn(folder)
      .replaceAll("/usr/lib/cloche/warm", "true")
      .replace(/^sub apply \{$/m, 'sub apply { my %all = @_; put("$folder/applied", join " ", sort keys %all); return;')
      .replace(/^sub apply_again \{$/m, 'sub apply_again { my %all = @_; die "no disk\\n" if $all{hostname} eq "full"; put("$folder/applied-again", $all{hostname}); return;')
      .replace(/^sub set_clock \{$/m, 'sub set_clock { die "bad clock\\n" unless $_[0] =~ /^[0-9.]+$/; put("$folder/clock", $_[0]); return;');
    const path = join(folder, "seed.pl");
    writeFileSync(path, script);
    const server = createServer().listen(join(folder, "port"));
    await once(server, "listening");
    const child = spawn("perl", [path], { stdio: "ignore" });
    const [socket] = (await once(server, "connection")) as [Socket];
    server.close();
    socket.on("error", () => {});
    return new Receiver(child, socket, folder);
  }

  applied(): string | undefined {
    try {
      return readFileSync(join(this.folder, "run/applied"), "utf8");
    } catch {
      return undefined;
    }
  }

  clock(): string {
    return readFileSync(join(this.folder, "run/clock"), "utf8");
  }

  [Symbol.dispose](): void {
    this.#child.kill("SIGKILL");
    this.socket.destroy();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

describe("The guest's seed receiver", () => {
  let receiver: Receiver;
  let port: SeedPort;

  beforeEach(async () => {
    receiver = await Receiver.start();
    port = new SeedPort(receiver.socket, () => "");
  });
  afterEach(() => receiver[Symbol.dispose]());

  /** Greets, sends bytes in place of a seed, and answers what the receiver said against them. */
  async function refusalOf(bytes: Buffer | string): Promise<string> {
    await port.greet(WAIT);
    const write = receiver.socket.write.bind(receiver.socket);
    receiver.socket.write = ((_seed: unknown) => write(bytes)) as typeof receiver.socket.write;
    const error = await port.plant(SEED, WAIT).catch((reason: unknown) => reason);
    expect(isFailure(error, "GUEST_SEED_REFUSED"), String(error)).to.equal(true);
    expect(receiver.applied()).to.equal(undefined);
    return /refused its seed: (.*?)\. /.exec(String(error))?.[1] ?? "";
  }

  const message = (payload: string, { version = "2", bytes = `${payload.length}`, sum = sha256(payload) } = {}) => `CLOCHE-SEED ${version} ${bytes} ${sum}\n${payload}`;

  it("takes one seed with all that belongs in it", async () => {
    await port.greet(WAIT);
    await port.plant(SEED, WAIT);
    expect(receiver.applied()).to.equal("authorized-key clock dial entropy host-key hostname machine-id");
  });

  it("waits on while it is asked, and also after it was warmed", async () => {
    await port.greet(WAIT);
    await port.warm(WAIT);
    receiver.socket.write("ask\nask\n");
    await port.plant(SEED, WAIT);
  });

  for (const [what, bytes, reason] of [
    ["of another version", message("a b\n", { version: "3" }), "unknown version"],
    ["that is nonsense", "\u0000\u0001nonsense\n", "unknown version"],
    ["that is empty", "\n", "unknown version"],
    ["with a length that is no number", message("a b\n", { bytes: "-1" }), "bad length"],
    ["that is too long", message("", { bytes: "65537" }), "too long"],
    ["with far too long a length", message("", { bytes: "9999999" }), "bad length"],
    ["with a wrong checksum", message("hostname aA==\n", { sum: "0".repeat(64) }), "wrong checksum"],
    ["with a line that is none", message("hostname\n"), "bad line"],
    ["without what belongs in it", message(`hostname ${Buffer.from("h").toString("base64")}\n`), "no clock"],
    ["with a hostname that is none", String(encodeSeed({ ...SEED, hostname: "a b" })), "bad hostname"],
  ] as const) {
    it(`refuses a seed ${what}`, async () => {
      expect(await refusalOf(bytes)).to.equal(reason);
    });
  }

  it("takes no other seed after one that it refused", async () => {
    await refusalOf(message("", { bytes: "99999999" }));
    const error = await port.plant(SEED, { ...WAIT, deadlineMs: 300 }).catch((reason: unknown) => reason);
    expect(isFailure(error, "GUEST_SEED_REFUSED") || isFailure(error, "GUEST_SILENT") || isFailure(error, "GUEST_SEED_NONSENSE"), String(error)).to.equal(true);
    expect(receiver.applied()).to.equal(undefined);
  });

  it("takes no seed of a copy before it has one", async () => {
    expect(await refusalOf(encodeSeed(SEED, Date.now(), "CLOCHE-AGAIN"))).to.equal("unknown version");
  });

  it("takes another seed as a copy, again and again, and says what went wrong with it", async () => {
    await port.greet(WAIT);
    await port.plant(SEED, WAIT);
    for (const hostname of ["first", "second"]) {
      await port.plantAgain({ ...SEED, hostname }, WAIT);
      expect(readFileSync(join(receiver.folder, "run/applied-again"), "utf8")).to.equal(hostname);
    }
    const error = await port.plantAgain({ ...SEED, hostname: "full" }, WAIT).catch((reason: unknown) => reason);
    expect(String(error)).to.include("no disk");
    await port.plantAgain({ ...SEED, hostname: "third" }, WAIT);
  });

  it("takes no second seed", async () => {
    await port.greet(WAIT);
    await port.plant(SEED, WAIT);
    rmSync(join(receiver.folder, "run/applied"));
    const error = await port.plant(SEED, WAIT).catch((reason: unknown) => reason);
    expect(isFailure(error, "GUEST_SEED_REFUSED"), String(error)).to.equal(true);
    expect(String(error)).to.include("a second seed");
    expect(receiver.applied()).to.equal(undefined);
  });

  it("sets its clock when told to, again and again, but not before its seed", async () => {
    await port.greet(WAIT);
    await port.plant(SEED, WAIT);
    await port.setClock(1_700_000_000_250, WAIT);
    expect(receiver.clock()).to.equal("1700000000.250");
    await port.setClock(1_700_000_001_000, WAIT);
    expect(receiver.clock()).to.equal("1700000001.000");
    using early = await Receiver.start();
    const error = await new SeedPort(early.socket, () => "").setClock(1, WAIT).catch((reason: unknown) => reason);
    expect(isFailure(error, "GUEST_SEED_REFUSED"), String(error)).to.equal(true);
  });

  it("takes a seed that comes in many small parts", async () => {
    await port.greet(WAIT);
    const write = receiver.socket.write.bind(receiver.socket);
    receiver.socket.write = ((seed: Buffer) => {
      void (async () => {
        for (let at = 0; at < seed.length; at += 100) {
          write(seed.subarray(at, at + 100));
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      return true;
    }) as typeof receiver.socket.write;
    await port.plant(SEED, WAIT);
    expect(receiver.applied()).to.include("host-key");
  });
});

describe("The guest's clock", () => {
  const script = readFileSync(join(ROOT, "guest/seed"), "utf8");
  const subs = ["host_clock", "set_clock"].map((name) => new RegExp(`^sub ${name} \\{$[^]*?^\\}$`, "m").exec(script)?.[0] ?? "").join("\n");

  /** What is asked of the kernel, which answers with `asked` for the device's clock. */
  function setTo(told: string, device: string, asked: number): string {
    const kernel = `BEGIN { *CORE::GLOBAL::syscall = sub {
      print "$_[0] $_[1]";
      if ($_[0] == 1) { $_[2] = pack "qq", 1800000000, 7; print "\\n"; return ${asked} }
      print " @{[unpack 'qq', $_[2]]}\\n"; return 0;
    } }`;
    const setting = `use strict; use Fcntl; ${kernel} my ($clock_gettime, $clock_settime) = (1, 2); ${subs.replace("/dev/ptp_kvm", device)} set_clock("${told}");`;
    return execFileSync("perl", ["-e", setting], { encoding: "utf8" });
  }

  it("is set to what the host says while there is no device to ask", () => {
    expect(setTo("1700000000.250", "/nowhere", 0)).to.equal("2 0 1700000000 250000000\n");
  });

  it("is set to what the device of KVM says, where there is one", () => {
    const [question = "", setting] = setTo("1700000000.250", "/dev/null", 0).split("\n");
    expect(setting).to.equal("2 0 1800000000 7");
    // clock_getres(2): the complement of the descriptor, shifted by three, and three
    const id = Number(question.split(" ")[1]);
    expect(id & 7).to.equal(3);
    expect(~(id >> 3)).to.be.within(3, 9);
  });

  it("is set to what the host says when the device has no answer", () => {
    expect(setTo("1700000000.250", "/dev/null", -1).split("\n")[1]).to.equal("2 0 1700000000 250000000");
  });
});

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
