import { spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostContainment, type Cell, type Jailed, type JailBind } from "../../core/machine/containment.ts";
import { syscallNumber, type FilterArch, type Syscall } from "../../core/machine/seccomp/syscalls.ts";
import { Disposers } from "../../core/support/disposers.ts";

const UNBOUND = new AbortController().signal;

// What the attacks are written with: `try NAME, RESULT` reports errno's name or "ok"; `call NAME, ARGS` is a bare system call.
const PREAMBLE = `
use strict; use Errno; use Fcntl; use Socket;
open(my $out, "+<&=", 3) or die; $out->autoflush(1);
our $dir = shift;
our %errno = map { eval("Errno::$_()") => $_ } @{$Errno::EXPORT_TAGS{POSIX}};
sub say_ { print $out join(" ", @_), "\\n" }
sub try { my ($name, $result) = @_; my $e = $!; say_($name, $result ? "ok" : ($errno{$e+0} // $e+0)) }
sub done { my ($name, $result) = @_; my $e = $!; say_($name, $result >= 0 ? "ok" : ($errno{$e+0} // $e+0)) }
`;

/** A machine's place in miniature: a project, further binds, and whatever program is put where QEMU would be. */
export class Arena implements AsyncDisposable {
  readonly scope = new Disposers();
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "cloche-jail-")));

  /** Runs a perl attack in the production jail, with the folder as its project, and answers "NAME RESULT" lines. */
  async inside(attack: string, binds: readonly JailBind[] = [], cell?: Cell): Promise<string[]> {
    const jailed = await this.launch(["/usr/bin/perl", "-e", PREAMBLE + attack, "/project"], binds, cell);
    const chunks: Buffer[] = [];
    jailed.channels[0]?.on("data", (chunk: Buffer) => chunks.push(chunk));
    const { lastWords } = await jailed.ended;
    if (lastWords !== "") throw new Error(lastWords);
    return linesOf(Buffer.concat(chunks).toString());
  }

  /** The same, but the attack waits while something is done with the jail that it runs in. */
  async insideAfter(attack: string, prepare: (jailed: Jailed) => Promise<unknown>): Promise<string[]> {
    const jailed = await this.launch(["/usr/bin/perl", "-e", `${PREAMBLE} sysread($out, my $go, 1);\n${attack}`, "/project"]);
    const chunks: Buffer[] = [];
    jailed.channels[0]?.on("data", (chunk: Buffer) => chunks.push(chunk));
    await prepare(jailed);
    jailed.channels[0]?.write("\n");
    const { lastWords } = await jailed.ended;
    if (lastWords !== "") throw new Error(lastWords);
    return linesOf(Buffer.concat(chunks).toString());
  }

  /** The positive control: the same attack as the same user with no jail, in the same folder. */
  outside(attack: string): string[] {
    const { output, stderr } = spawnSync("/usr/bin/perl", ["-e", PREAMBLE + attack, this.folder], {
      stdio: ["ignore", "ignore", "pipe", "pipe"],
      encoding: "utf8",
    });
    if (stderr !== "") throw new Error(stderr);
    return linesOf(output[3] ?? "");
  }

  /** A place for a machine, in whose network these ranges are local. */
  async openCell(localRanges: readonly string[] = []): Promise<Cell> {
    return await hostContainment().openCell(localRanges, { scope: this.scope, signal: UNBOUND });
  }

  /** Any program in the production jail, in a cell of its own when none is given. */
  async launch(argv: readonly string[], binds: readonly JailBind[] = [], given?: Cell): Promise<Jailed> {
    const bounds = { scope: this.scope, signal: UNBOUND };
    const cell = given ?? (await this.openCell());
    const project = { source: this.folder, target: "/project", readOnly: false };
    return await cell.launch({ argv, systemRoot: "/", binds: [project, ...binds], devices: [], channels: 1 }, bounds);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scope.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A system call's number here, for attacks. */
export function number(name: Syscall): number {
  const found = syscallNumber(name, process.arch as FilterArch);
  if (found === undefined) throw new Error(`this architecture has no ${name}`);
  return found;
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
