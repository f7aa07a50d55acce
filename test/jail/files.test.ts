import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Arena, number } from "./attacker.ts";

const SET_ID = `
  open(my $f, ">", "$dir/file"); close $f;
  try "chmod 4755", chmod(04755, "$dir/file");
  try "chmod 2755", chmod(02755, "$dir/file");
  sysopen(my $g, "$dir/file", O_RDWR); done "fchmod 6755", syscall(${number("fchmod")}, fileno($g), 06755);
  done "fchmodat 4755", syscall(${number("fchmodat")}, -100, "$dir/file", 04755);
  done "fchmodat2 4755", syscall(${number("fchmodat2")}, -100, "$dir/file", 04755, 0);
  umask 0;
  try "open 4755", sysopen(my $h, "$dir/opened", O_CREAT|O_RDWR, 04755);
  done "mkdirat 2777", syscall(${number("mkdirat")}, -100, "$dir/made", 02777);
  done "mknodat 104755", syscall(${number("mknodat")}, -100, "$dir/node", 0104755, 0);
`;

const NODES = `
  done "pipe", syscall(${number("mknodat")}, -100, "$dir/pipe", 0010644, 0);
  done "regular", syscall(${number("mknodat")}, -100, "$dir/regular", 0100644, 0);
  done "socket", syscall(${number("mknodat")}, -100, "$dir/socket", 0140644, 0);
  done "character device", syscall(${number("mknodat")}, -100, "$dir/null", 0020666, 0x103);
  done "block device", syscall(${number("mknodat")}, -100, "$dir/disk", 0060666, 0x800);
`;

function setIdFiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => (statSync(join(folder, name)).mode & 0o6000) !== 0);
}

describe("the jail's files", () => {
  let arena: Arena;
  beforeEach(() => (arena = new Arena()));
  afterEach(() => arena[Symbol.asyncDispose]());

  it("let nothing get a setuid or setgid bit on the host", async () => {
    for (const line of await arena.inside(SET_ID)) expect(line).to.match(/ (EPERM|ENOSYS)$/);
    expect(setIdFiles(arena.folder)).to.deep.equal([]);
    expect(arena.outside(SET_ID).slice(0, 3)).to.deep.equal(["chmod 4755 ok", "chmod 2755 ok", "fchmod 6755 ok"]);
    expect(setIdFiles(arena.folder)).to.include.members(["file", "opened", "node"]);
  });

  it("take ordinary modes", async () => {
    const lines = await arena.inside(`open(my $f, ">", "$dir/tool"); try "chmod 1755", chmod(01755, "$dir/tool");
      umask 0; try "open 0666", sysopen(my $h, "$dir/open", O_CREAT|O_RDWR, 0666);
      try "mkdir 0755", mkdir("$dir/sub", 0755); try "rename", rename("$dir/tool", "$dir/sub/tool")`);
    expect(lines).to.deep.equal(["chmod 1755 ok", "open 0666 ok", "mkdir 0755 ok", "rename ok"]);
    expect(statSync(join(arena.folder, "sub/tool")).mode & 0o7777).to.equal(0o1755);
    expect(statSync(join(arena.folder, "open"))).to.include({ uid: process.getuid?.(), gid: process.getgid?.() });
  });

  it("let no device and no socket be made on the host, but pipes", async () => {
    const refused = ["socket EPERM", "character device EPERM", "block device EPERM"];
    expect(await arena.inside(NODES)).to.deep.equal(["pipe ok", "regular ok", ...refused]);
    expect(readdirSync(arena.folder).sort()).to.deep.equal(["pipe", "regular"]);
    for (const name of readdirSync(arena.folder)) rmSync(join(arena.folder, name));
    const device = process.getuid?.() === 0 ? "ok" : "EPERM";
    expect(arena.outside(NODES)).to.deep.equal(["pipe ok", "regular ok", "socket ok", `character device ${device}`, `block device ${device}`]);
  });

  it("show nothing of the host but the project and its programs", async () => {
    const secret = join(homedir(), `.cloche-canary-${process.pid}`);
    writeFileSync(secret, "canary");
    try {
      const look = `for my $path ("${secret}", "/etc/passwd", "/run", "/var", "/proc/1/root/etc/passwd") {
        try $path, -e $path }`;
      const results = await arena.inside(look);
      expect(results.map((line) => line.split(" ").at(-1))).to.deep.equal(["ENOENT", "ENOENT", "ENOENT", "ENOENT", "ENOENT"]);
      expect(arena.outside(look).slice(0, 4)).to.deep.equal([secret, "/etc/passwd", "/run", "/var"].map((path) => `${path} ok`));
      const roots = await arena.inside(`opendir(my $d, "/"); say_($_) for sort grep { !/^\\./ && !/^(bin|sbin|lib\\w*)$/ } readdir $d`);
      expect(roots).to.deep.equal(["dev", "proc", "project", "tmp", "usr"]);
    } finally {
      rmSync(secret);
    }
  });

  it("can be written in the project and the jail's own /tmp, nowhere else", async () => {
    const name = `canary-${process.pid}`;
    const lines = await arena.inside(`for my $at ("/", "/usr", "/usr/bin", "/proc", "/dev", "/dev/shm", "/tmp", "/project") {
      try $at, open(my $f, ">", "$at/${name}") }`);
    expect(lines.slice(0, 6).filter((line) => / (EROFS|EACCES|EPERM|ENOENT)$/.test(line))).to.have.lengthOf(6);
    expect(lines.slice(6)).to.deep.equal(["/tmp ok", "/project ok"]);
    expect(existsSync(join("/tmp", name)), "its /tmp is not the host's").to.equal(false);
    expect(existsSync(join(arena.folder, name)), "its project is the host's").to.equal(true);
  });

  it("stay as they are in a share that is read-only", async () => {
    const share = join(arena.folder, "share");
    mkdirSync(share);
    writeFileSync(join(share, "file"), "before");
    const write = `try "open", open(my $f, ">", "$_[0]"); `;
    const attack = `sub attack { ${write} try "chmod", chmod(0777, "$_[0]"); try "unlink", unlink("$_[0]");
      my ($none, $at) = ("none", "$_[0]/.."); try "mount", syscall(${number("mount")}, $none, $at, $none, 0x1020, 0) == 0 }`;
    const inside = await arena.inside(`${attack} attack("/shares/other/file")`, [{ source: share, target: "/shares/other", readOnly: true }]);
    expect(inside).to.deep.equal(["open EROFS", "chmod EROFS", "unlink EROFS", "mount EPERM"]);
    expect(readFileSync(join(share, "file"), "utf8")).to.equal("before");
    const writable = await arena.inside(`${attack} attack("/project/share/file")`);
    expect(writable.slice(0, 3)).to.deep.equal(["open ok", "chmod ok", "unlink ok"]);
  });

  for (const name of ["a,readonly=on", "with space", "quo\"te'", "new\nline", "ünï", "-dash", "$(touch x)", "%s\\0"]) {
    it(`may lie in a directory called ${JSON.stringify(name)}`, async () => {
      const odd = join(arena.folder, name);
      mkdirSync(odd);
      const lines = await arena.inside(`try "write", open(my $f, ">", "/shares/odd/file")`, [{ source: odd, target: "/shares/odd", readOnly: false }]);
      expect(lines).to.deep.equal(["write ok"]);
      expect(readdirSync(odd)).to.deep.equal(["file"]);
    });
  }
});
