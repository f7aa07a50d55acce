import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { sharedSession, type SharedSession } from "../support/shared-session.ts";

const MODE_BITS = 0o7777;

describe("The project in a machine", () => {
  let shared: SharedSession;
  const at = (...names: readonly string[]): string => join(shared.place.project, ...names);
  const modeOf = (name: string): number => lstatSync(at(name)).mode & MODE_BITS;

  before(async function () {
    this.timeout(5 * 60_000);
    shared = await sharedSession();
  });

  it("shows what the host writes at once, to a program that has read the file before", async () => {
    const rounds = 20;
    const reader = shared.start(["sh", "-c", `for i in $(seq ${rounds}); do read -r go; cat told new-$i 2>&1; done`]);
    for (let round = 1; round <= rounds; round += 1) {
      writeFileSync(at("told"), `round ${round}`);
      writeFileSync(at(`new-${round}`), ` and ${round}\n`);
      reader.stdin.write("go\n");
      await reader.says(new RegExp(`round ${round} and ${round}\n`));
    }
    reader.stdin.end();
    expect((await reader.ended).status).to.equal(0);
  });

  it("shows the host what the guest writes at once", async () => {
    const rounds = 20;
    const writer = shared.start(["sh", "-c", `exec 3>held; for i in $(seq ${rounds}); do echo "round $i" >written; echo "$i" >&3; mkdir "made-$i"; echo "done $i."; read -r go; done`]);
    for (let round = 1; round <= rounds; round += 1) {
      await writer.says(new RegExp(`done ${round}\\.`));
      expect(readFileSync(at("written"), "utf8")).to.equal(`round ${round}\n`);
      expect(readFileSync(at("held"), "utf8").split("\n")).to.have.lengthOf(round + 1);
      expect(statSync(at(`made-${round}`)).isDirectory()).to.equal(true);
      writer.stdin.write("go\n");
    }
    expect((await writer.ended).status).to.equal(0);
  });

  it("shows the host what the guest writes through a mapping that it shares", async () => {
    const script = `import mmap
file = open("mapped", "w+b"); file.truncate(100_000)
mapping = mmap.mmap(file.fileno(), 0); mapping[50_000:50_005] = b"there"; mapping.flush(); print("flushed", flush=True); input()`;
    const mapper = shared.start(["python3", "-c", script]);
    await mapper.says(/flushed/);
    expect(readFileSync(at("mapped"), "latin1").slice(50_000, 50_005)).to.equal("there");
    mapper.stdin.end("\n");
    expect((await mapper.ended).status).to.equal(0);
  });

  it("follows renames and removals on either side", async () => {
    mkdirSync(at("moves"));
    writeFileSync(at("moves/a"), "a");
    expect(await shared.sh("cd moves && mv a b && ls")).to.equal("b\n");
    expect(readdirSync(at("moves"))).to.deep.equal(["b"]);
    renameSync(at("moves/b"), at("moves/c"));
    expect(await shared.sh("ls moves && rm -r moves")).to.equal("c\n");
    expect(readdirSync(at())).to.not.include("moves");
  });

  it("keeps names and contents of every kind", async () => {
    const names = ["ü 漢 🔔", "two\nlines", `"'$(x)`, "-rf", "x".repeat(255)];
    await shared.exec(["sh", "-c", `mkdir kinds && for name; do printf %s "$name" >"kinds/$name"; done`, "sh", ...names]);
    expect(readdirSync(at("kinds")).sort()).to.deep.equal([...names].sort());
    for (const name of names) expect(readFileSync(at("kinds", name), "utf8")).to.equal(name);
    await shared.sh("cd kinds && printf '#!/bin/sh\\necho ran' >run && chmod 755 run && ln -s run link && ln run hard && ./link");
    expect(modeOf("kinds/run")).to.equal(0o755);
    expect(readlinkSync(at("kinds/link"))).to.equal("run");
    expect(statSync(at("kinds/hard")).ino).to.equal(statSync(at("kinds/run")).ino);
  });

  it("belongs to the agent inside and to us outside, also what root in the guest makes", async () => {
    writeFileSync(at("ours"), "");
    await shared.sh("touch agents; mkdir agents-folder");
    await shared.sh("touch roots; mkdir roots-folder", "root");
    const made = ["ours", "agents", "agents-folder", "roots", "roots-folder"];
    expect(await shared.sh(`stat -c %u:%g ${made.join(" ")}`)).to.equal("1000:1000\n".repeat(made.length));
    const outside = made.map((name) => `${statSync(at(name)).uid}:${statSync(at(name)).gid}`);
    expect(outside).to.deep.equal(made.map(() => `${process.getuid?.()}:${process.getgid?.()}`));
  });

  it("takes no setuid or setgid bit, not even from root in the guest, who can set them elsewhere and set other modes here", async () => {
    const attempts = [
      "touch plain && chmod 4755 plain",
      "touch group && chmod 2755 group",
      "touch added && chmod u+s added",
      "install -m 6755 /usr/bin/true installed",
      "mkdir -m 2755 folder",
      "python3 -c 'import os; os.close(os.open(\"created\", os.O_CREAT | os.O_WRONLY, 0o4755))'",
      "python3 -c 'import os; os.mknod(\"node\", 0o104755)'",
      "cp -p /usr/local/bin/become copied",
      "cp /usr/bin/true moved && mv /tmp/set-id moved",
    ];
    const tryAll = `umask 022; cp /usr/bin/true /tmp/set-id; chmod 6755 /tmp/set-id; ${attempts.map((attempt) => `(${attempt}) 2>/dev/null`).join("; ")}; true`;
    mkdirSync(at("set-id"));
    await shared.sh(`cd set-id; ${tryAll}`, "root");
    const found = readdirSync(at("set-id")).map((name) => `${name} ${(modeOf(`set-id/${name}`) & 0o6000).toString(8)}`);
    expect(found).to.include.members(["plain 0", "group 0", "added 0"]);
    expect(found.filter((line) => !line.endsWith(" 0"))).to.deep.equal([]);

    const elsewhere = await shared.sh(`mkdir /tmp/control && cd /tmp/control; ${tryAll}; stat -c '%n %a' *; rm -r /tmp/control`, "root");
    expect(elsewhere).to.include("plain 4755").and.include("group 2755").and.include("folder 2755").and.include("created 4755").and.include("node 4755");
    await shared.sh("chmod 0711 set-id/plain", "root");
    expect(modeOf("set-id/plain")).to.equal(0o711);
  });

  it("takes no device and no socket, not even from root in the guest, who can make them elsewhere and make a plain file here", async () => {
    const tryAll = [
      "mknod character c 1 3",
      "mknod block b 254 0",
      "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"socket\")'",
      "python3 -c 'import os; os.mknod(\"node\", 0o140644)'",
      "python3 -c 'import os; os.mknod(\"plain\", 0o100644)'",
    ].map((attempt) => `(${attempt}) 2>/dev/null`).join("; ");
    mkdirSync(at("nodes"));
    await shared.sh(`cd nodes; ${tryAll}; true`, "root");
    expect(readdirSync(at("nodes"))).to.deep.equal(["plain"]);
    const elsewhere = await shared.sh(`mkdir /tmp/control && cd /tmp/control; ${tryAll}; ls; rm -r /tmp/control`, "root");
    expect(elsewhere.trim().split("\n")).to.deep.equal(["block", "character", "node", "plain", "socket"]);
  });

  it("is not held up by a pipe that nobody writes to", async () => {
    execFileSync("mkfifo", [at("silent")]);
    await shared.sh("timeout 1 cat silent; timeout 1 dd if=silent of=/dev/null 2>/dev/null; true", "root");
    writeFileSync(at("after"), "still shared");
    expect(await shared.sh("cat after")).to.equal("still shared");
  });

  it("gives no owner away and takes no file capability, not even from root in the guest", async () => {
    await shared.sh("touch given && (chown 0:0 given; chown 4242 given; setcap cap_sys_admin+ep given); true", "root");
    expect(statSync(at("given")).uid).to.equal(process.getuid?.());
    const setAttribute = `import os; os.setxattr("given", "security.capability", bytes.fromhex("0100000200002000000000000000000000000000"))`;
    const ended = await shared.exec(["become", "--reuid=0", "--regid=0", "--clear-groups", "--", "python3", "-c", setAttribute]);
    expect(ended.status).to.equal(1);
    expect(await shared.sh(`cd /tmp && touch given && python3 -c '${setAttribute}' && echo set; rm given`, "root")).to.equal("set\n");
  });

  it("lets links lead out of it to the guest's own files, never to the host's", async () => {
    const secret = join(shared.place.home, "secret");
    writeFileSync(secret, "of the host");
    symlinkSync(secret, at("to-secret"));
    symlinkSync("../home/secret", at("to-secret-relative"));
    symlinkSync("/etc/machine-id", at("to-machine-id"));
    const own = await shared.sh("cat /etc/machine-id");
    for (const user of ["agent", "root"] as const) {
      const seen = await shared.sh("cat to-secret to-secret-relative ../home/secret to-machine-id 2>/dev/null; ls -A ..; true", user);
      expect(seen).to.not.include("of the host");
      expect(seen).to.include(own).and.not.include(readFileSync("/etc/machine-id", "utf8"));
      expect(seen).to.not.match(/^home$|^run$/m);
    }
    // the control: the same words, where the guest may read them
    rmSync(at("to-secret"));
    symlinkSync("words", at("to-secret"));
    writeFileSync(at("words"), "of the host");
    expect(await shared.sh("cat to-secret")).to.equal("of the host");
  });

  it("leads the guest nowhere else while a directory is swapped for a link and back under what reads and writes there", async () => {
    const outside = join(shared.place.home, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "file"), "of the host");
    mkdirSync(at("swapped"));
    writeFileSync(at("swapped/file"), "of the project");
    symlinkSync(outside, at("lead"));
    const script = `import os, sys, time
swaps, reads, seen, until = 0, 0, set(), time.time() + 5
if os.fork() == 0:
    while time.time() < until:
        os.rename("swapped", "away"); os.rename("lead", "swapped"); os.rename("swapped", "lead"); os.rename("away", "swapped")
    os._exit(0)
while time.time() < until:
    try:
        seen.add(open("swapped/file").read()); reads += 1
        os.close(os.open("swapped/evil", os.O_CREAT | os.O_WRONLY)); os.unlink("swapped/evil")
    except OSError: pass
os.wait()
print(reads > 10, sorted(seen))`;
    expect(await shared.sh(`python3 -c '${script}'`, "root")).to.equal("True ['of the project']\n");
    expect([readdirSync(outside), readFileSync(join(outside, "file"), "utf8")]).to.deep.equal([["file"], "of the host"]);
  });
});
