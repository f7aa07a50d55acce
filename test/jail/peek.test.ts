import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { expect } from "chai";
import { copyMemory } from "../../core/machine/capture/copy-memory.ts";
import { heldPages } from "../../core/machine/capture/held-pages.ts";
import { Arena } from "./attacker.ts";

const MIB = 1024 * 1024;
const never = new AbortController().signal;

/** Maps 64 MiB, touches two places of it, and says where they are; then makes in /tmp what it is told to, and waits. */
const PROGRAM = String.raw`
my $address = syscall(9, 0, 64 << 20, 3, 0x22, -1, 0);
pipe my $read, my $write or die;
sub put { syswrite $write, $_[1]; syscall(0, fileno $read, $address + $_[0], length $_[1]) > 0 or die "$!" }
put(0, "gooseberry"); put((64 << 20) - 4096, "thistle");
system "cd /tmp; $ARGV[0]";
open my $out, "+<&=", 3 or die "$!"; syswrite $out, "$address\n";
sleep 1000;
`;

describe("The view into a jail from outside", () => {
  let folder: string;
  let secret: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloche-peek-"));
    writeFileSync((secret = join(folder, "secret")), "the user's own");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function started(arena: Arena, script: string) {
    const jailed = await arena.launch(["/usr/bin/perl", "-e", PROGRAM, script]);
    const said = jailed.channels[0] as Duplex;
    const [line] = (await Promise.race([once(said, "data"), jailed.ended.then(({ lastWords }) => Promise.reject(new Error(lastWords)))])) as [Buffer];
    return { peek: jailed.peek(), address: Number(String(line)) };
  }

  it("finds what a program holds in its memory, and copies that alone", async function () {
    if (process.arch !== "x64") throw new Error("the program's system call is that of x86-64");
    await using arena = new Arena();
    const { peek, address } = await started(arena, "true");
    const extents = await heldPages(peek, address, 64 * MIB);
    expect(extents).to.have.lengthOf(2);
    const target = join(folder, "copy");
    await copyMemory(peek, { address, bytes: 64 * MIB, extents }, target, { async give() {}, async end() {} }, never);
    const copy = await readFile(target);
    expect(copy.subarray(0, 10).toString()).to.equal("gooseberry");
    expect(copy.subarray(64 * MIB - 4096, 64 * MIB - 4089).toString()).to.equal("thistle");
    const facts = await stat(target);
    expect(facts.mode & 0o077).to.equal(0);
    expect(facts.blocks * 512).to.be.lessThan(MIB);
  });

  it("takes a plain file of the program's own, bounded, and nothing of the host that stands in its place", async () => {
    await using arena = new Arena();
    const { peek } = await started(arena, `echo devices >plain; ln -s ${secret} link; ln -s /proc/self/environ other; mkdir folder; mkfifo pipe; head -c 100 /dev/zero >long`);
    expect(String(await peek.fileInTmp("plain", 64))).to.equal("devices\n");
    for (const name of ["link", "other", "folder", "pipe", "long", "none"]) {
      const outcome = await peek.fileInTmp(name, 64).then(() => "taken", () => "refused");
      expect(outcome, name).to.equal("refused");
    }
  });
});
