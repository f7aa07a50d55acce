import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { Arena, number } from "./attacker.ts";

const CALLS = `
  my $root = "/";
  done "ptrace", syscall(${number("ptrace")}, 0, 0, 0, 0);
  done "unshare user", syscall(${number("unshare")}, 0x10000000);
  done "openat2", syscall(${number("openat2")}, -100, $root, my $how = pack("QQQ", 0, 0, 0), 24);
  done "io_uring_setup", syscall(${number("io_uring_setup")}, 1, my $params = "\\0" x 120);
  done "keyctl", syscall(${number("keyctl")}, 0, -3, 1);
  done "name_to_handle_at", syscall(${number("name_to_handle_at")}, -100, $root, my $handle = pack("Ii", 128, 0) . "\\0" x 128, my $id = "\\0" x 8, 0);
`;

describe("the jail's processes", () => {
  let arena: Arena;
  beforeEach(() => (arena = new Arena()));
  afterEach(() => arena[Symbol.asyncDispose]());

  it("get nothing of our environment", async () => {
    process.env["CLOCHE_CANARY"] = "secret";
    try {
      const names = `say_($_) for sort grep { !/^(PWD|OLDPWD|SHLVL|_)$/ } keys %ENV`;
      expect(await arena.inside(names)).to.deep.equal([]);
      expect(arena.outside(names)).to.include("CLOCHE_CANARY");
      const anywhere = `my $found = 0; for my $file (glob "/proc/[0-9]*/environ") { open(my $f, "<", $file) or next; $found++ if grep { /CANARY/ } <$f> } say_($found)`;
      expect(await arena.inside(anywhere)).to.deep.equal(["0"]);
    } finally {
      delete process.env["CLOCHE_CANARY"];
    }
  });

  it("may lock as much memory as our hard limit allows", async () => {
    const limits = `open(my $f, "<", "/proc/self/limits"); while (<$f>) { say_($1, $2) if /^Max (locked memory) +(\\S+)/ }`;
    const [, hard = ""] = /^Max locked memory\s+\S+\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    const own = (soft: string) => void execFileSync("prlimit", ["--pid", `${process.pid}`, `--memlock=${soft}:`]);
    own("65536");
    try {
      expect(arena.outside(limits)).to.include("locked memory 65536");
      expect(await arena.inside(limits)).to.deep.equal([`locked memory ${hard}`]);
    } finally {
      own(hard);
    }
  });

  it("see only each other, and cannot signal ours", async () => {
    const look = `say_(scalar grep { /^\\d+$/ } map { s{.*/}{}r } glob "/proc/*"); try "signal", kill(0, ${process.pid})`;
    const [count, signal] = await arena.inside(look);
    expect(Number(count)).to.be.within(1, 3);
    expect(signal).to.equal("signal ESRCH");
    expect(arena.outside(look)[1]).to.equal("signal ok");
  });

  it("have no capability, no way to new privileges, and a filter", async () => {
    const status = `open(my $f, "<", "/proc/self/status"); while (<$f>) { say_($1, $2) if /^(Cap\\w+|NoNewPrivs|Seccomp):\\s*(\\w+)/ }`;
    const none = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map((name) => `${name} 0000000000000000`);
    expect(await arena.inside(status)).to.deep.equal([...none, "NoNewPrivs 1", "Seccomp 2"]);
    expect(arena.outside(status)).to.include("NoNewPrivs 0");
  });

  it("are refused what QEMU never needs", async () => {
    const refused = ["ptrace EPERM", "unshare user EPERM", "openat2 ENOSYS", "io_uring_setup ENOSYS", "keyctl EPERM", "name_to_handle_at EPERM"];
    expect(await arena.inside(CALLS)).to.deep.equal(refused);
    const free = arena.outside(CALLS);
    expect(free.filter((line) => refused.includes(line)), free.join()).to.deep.equal([]);
  });

  it("make no namespace, by whichever call", async () => {
    const clone = number("clone");
    const attack = [
      ...[0x10000000, 0x40000000, 0x00020000].map((flag) => `my $p = syscall(${clone}, ${flag}|17, 0, 0, 0, 0); if ($p == 0) { exec "/usr/bin/true" } done "clone ${flag}", $p; waitpid($p, 0) if $p > 0;`),
      `done "clone3", syscall(${number("clone3")}, my $args = pack("Q8", 0x10000000, 0, 0, 0, 17, 0, 0, 0), 64);`,
      `open(my $ns, "<", "/proc/self/ns/user"); done "setns", syscall(${number("setns")}, fileno($ns), 0);`,
    ].join("\n");
    expect(await arena.inside(attack)).to.deep.equal(["clone 268435456 EPERM", "clone 1073741824 EPERM", "clone 131072 EPERM", "clone3 ENOSYS", "setns EPERM"]);
    expect(arena.outside(attack)[0]).to.equal("clone 268435456 ok");
  });

  it("find nothing in /proc that can be written, whoever started us", async () => {
    const attack = `
      my @open; my @left = ("/proc");
      while (my $path = shift @left) {
        next if -l $path || $path =~ m{^/proc/(\\d+|self|thread-self)/(task|net)$};
        if (-d $path) { opendir(my $d, $path) or next; push @left, map { "$path/$_" } grep { !/^\\.\\.?$/ } readdir $d; next }
        push @open, $path if sysopen(my $f, $path, O_WRONLY|O_NONBLOCK);
      }
      say_(scalar(@open), @open[0 .. 4]);`;
    expect((await arena.inside(attack))[0]?.trim()).to.equal("0");
    const comm = `try "own name", sysopen(my $f, "/proc/self/comm", O_WRONLY); try "core_pattern", sysopen(my $g, "/proc/sys/kernel/core_pattern", O_WRONLY)`;
    expect(await arena.inside(comm)).to.deep.equal(["own name EROFS", `core_pattern ${process.getuid?.() === 0 ? "EROFS" : "EACCES"}`]);
    expect(arena.outside(comm)).to.deep.equal(["own name ok", `core_pattern ${process.getuid?.() === 0 ? "ok" : "EACCES"}`]);
  });

  it("leave no core dump", async () => {
    const [limit] = await arena.inside(`open(my $f, "<", "/proc/self/limits"); while (<$f>) { say_($1, $2) if /^Max core file size\\s+(\\S+)\\s+(\\S+)/ }`);
    expect(limit).to.equal("0 0");
    expect(readFileSync("/proc/self/limits", "utf8")).to.match(/^Max core file size/m);
  });
});
