import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { jailArguments } from "../../core/machine/jail/arguments.ts";
import { Arena } from "./attacker.ts";

const STARTER = join(import.meta.dirname, "starter.ts");

/** The command lines of live processes that mention one of the marks. */
function processesWith(...marks: readonly string[]): string[] {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      const line = /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ") : "";
      return marks.some((mark) => line.includes(mark)) ? [`${pid} ${line}`] : [];
    } catch {
      return []; // gone meanwhile
    }
  });
}

/** The command lines of live processes in a mount namespace. */
function processesIn(mounts: string): string[] {
  return processesWith("").filter((line) => {
    try {
      return readlinkSync(`/proc/${line.split(" ")[0]}/ns/mnt`) === mounts;
    } catch {
      return false; // gone meanwhile, or somebody else's
    }
  });
}

async function untilNone(deadlineMs: number, ...marks: readonly string[]): Promise<string[]> {
  for (const end = Date.now() + deadlineMs; Date.now() < end; await sleep(10)) {
    if (processesWith(...marks).length === 0) return [];
  }
  return processesWith(...marks);
}

describe("the end of a jail", () => {
  let folder: string;
  let range: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloche-end-"));
    range = `10.${Math.floor(Math.random() * 256)}.${Math.floor(Math.random() * 256)}.0/24`;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function startOther(): ChildProcess {
    return spawn(process.execPath, [STARTER, folder, range], { stdio: ["ignore", "pipe", "inherit"] });
  }

  it("comes at once when asked, though nothing in it wants to end", async () => {
    const stubborn = `$SIG{$_} = "IGNORE" for qw(TERM INT HUP PIPE); fork; setpgrp; fork; sleep 1000 while 1;`;
    const tookMs: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      await using arena = new Arena();
      const jailed = await arena.launch(["/usr/bin/perl", "-e", stubborn, folder]);
      expect(processesWith(folder)).to.have.lengthOf.at.least(2);
      const began = performance.now();
      await jailed.kill();
      tookMs.push(performance.now() - began);
      expect(processesWith(folder)).to.deep.equal([]);
    }
    // the best of three: the host may be busy with other things
    expect(Math.min(...tookMs)).to.be.lessThan(100);
  });

  it("leaves nobody who still has its mounts, and with them its files, though something of ours held paths there", async () => {
    await using arena = new Arena();
    const jailed = await arena.launch(["/usr/bin/perl", "-e", "sleep 1000", folder]);
    const holds = await jailed.openHolds({ scope: arena.scope, signal: new AbortController().signal });
    await holds.hold("project", [{ path: "held", kind: "pinned", placeholder: "directory" }]);
    const [program = ""] = processesWith(folder).filter((line) => /^\d+ \/usr\/bin\/perl -e/.test(line));
    const mounts = readlinkSync(`/proc/${program.split(" ")[0]}/ns/mnt`);
    expect(processesIn(mounts).filter((line) => line.includes("hold.pl"))).to.have.lengthOf(1);
    await jailed.kill();
    expect(processesIn(mounts)).to.deep.equal([]);
  });

  it("comes when we are killed outright, with all that we started", async () => {
    const other = startOther();
    for await (const line of other.stdout ?? []) if (String(line).includes("running")) break;
    expect(processesWith(folder, range), "the jail, its network, the starter").to.have.lengthOf.at.least(4);
    other.kill("SIGKILL");
    expect(await untilNone(1000, folder, range)).to.deep.equal([]);
  });

  for (let afterMs = 0; afterMs < 40; afterMs += 2) {
    it(`leaves nothing when we are killed ${afterMs} ms into the start`, async () => {
      const other = startOther();
      await once(other.stdout as NodeJS.ReadableStream, "data");
      await sleep(afterMs);
      other.kill("SIGKILL");
      expect(await untilNone(1000, folder, range)).to.deep.equal([]);
    });
  }

  it("comes before the beginning when we are gone before we gave the word", () => {
    const command = { argv: ["/usr/bin/touch", "/project/ran"], systemRoot: "/", binds: [{ source: folder, target: "/project", readOnly: false }], devices: [], channels: 0 };
    const run = (input: string) => {
      const args = jailArguments(command, 3).filter((arg, index, all) => arg !== "--seccomp" && all[index - 1] !== "--seccomp");
      return spawnSync("/usr/bin/bwrap", args, { input, encoding: "utf8" }).stdout;
    };
    expect(run("")).to.equal("up\n");
    expect(existsSync(join(folder, "ran"))).to.equal(false);
    expect(run("go\n")).to.equal("up\n");
    expect(existsSync(join(folder, "ran")), "the control").to.equal(true);
  });

  it("is told with what the program or bwrap said last", async () => {
    await using arena = new Arena();
    const jailed = await arena.launch(["/usr/bin/perl", "-e", `print STDERR "bad\\e[2Jthing\\n"; exit 3`]);
    expect(await jailed.ended).to.deep.equal({ status: 3, signal: undefined, lastWords: "bad\\u{1b}[2Jthing" });
    const missing = [{ source: "/nonexistent-directory", target: "/shares/x", readOnly: true }];
    const error = await arena.launch(["/usr/bin/true"], missing).catch((reason: unknown) => reason);
    expect(String(error)).to.contain("/nonexistent-directory");
    expect(error).to.have.property("code", "JAIL_FAILED");
  });
});
