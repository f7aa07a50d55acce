import { createHash } from "node:crypto";
import { existsSync, lstatSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { script } from "../arena.ts";
import { control, holds, type AttackCase } from "../case.ts";

const PROJECT_ALONE = "Of the host's files the guest's root reaches the project alone";

/** What the guest can do to the host's files. */
export const FILES: readonly AttackCase[] = [
  {
    id: "share-links",
    promise: PROJECT_ALONE,
    title: "root makes links in the project that lead out of it, and reads and writes through them",
    async run(arena) {
      const { project, canary } = arena;
      writeFileSync(join(project, "inside"), "a file of the project");
      const told = await script(arena, `cd ${quoted(project)} && cat inside && ln -s ${quoted(canary.path)} link && ln -s ${quoted(dirname(canary.path))} folder && ln -s ../../../../../../../../../.. up
cat link folder/canary up${quoted(canary.path)} ../canary; for way in link folder/canary up${quoted(canary.path)}; do echo overwritten >"$way"; done; rm -f folder/canary; mv inside folder/stolen`);
      control(told.text.includes("a file of the project"), `the project itself could not be read: ${told.text.trim()}`);
      holds(!told.text.includes(canary.text), "a file of the host outside of the project was read");
      holds(existsSync(canary.path) && readFileSync(canary.path, "utf8") === canary.text, "a file of the host outside of the project was changed");
      holds(!existsSync(join(dirname(canary.path), "stolen")), "a file came to be outside of the project");
      return "links lead nowhere on the host; the file beside the project was neither read nor changed";
    },
  },
  {
    id: "share-owner",
    promise: PROJECT_ALONE,
    title: "root gives files of the project to other owners",
    async run(arena) {
      const told = await script(arena, `cd ${quoted(arena.project)} && echo x >owned && chown 12345:54321 owned; echo made`);
      const facts = lstatSync(join(arena.project, "owned"), { throwIfNoEntry: false });
      control(told.text.includes("made") && facts !== undefined, "no file could be made in the project");
      holds(facts?.uid === process.getuid?.(), `the file belongs to ${facts?.uid} on the host`);
      return "on the host they stay the user's";
    },
  },
  {
    id: "share-bits",
    promise: "No set-user-id or set-group-id bit, device or socket comes to be on the host's disk",
    title: "root sets the set-user-id bit and makes devices, pipes and sockets in the project",
    async run(arena) {
      const { project } = arena;
      await script(arena, `cd ${quoted(project)} && cp /bin/true tool && chmod 0755 tool; chmod 4755 tool; chmod 2755 tool; cp -p /usr/bin/su su-copy; mkdir -m 2777 folder-bits
mknod device b 8 0; mknod null c 1 3; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("sock")'; install -m 6755 /bin/true both`);
      const mode = (name: string): number => lstatSync(join(project, name), { throwIfNoEntry: false })?.mode ?? 0;
      control((mode("tool") & 0o777) === 0o755, "not even an ordinary mode arrived on the host");
      for (const name of ["tool", "su-copy", "both", "folder-bits"]) holds((mode(name) & 0o6000) === 0, `${name} has such a bit on the host`);
      for (const name of ["device", "null", "sock"]) {
        const facts = lstatSync(join(project, name), { throwIfNoEntry: false });
        holds(!facts || !(facts.isBlockDevice() || facts.isCharacterDevice() || facts.isSocket()), `${name} is one on the host`);
      }
      return "an ordinary mode arrives, the bits do not, and nothing but files, folders and links comes to be";
    },
  },
  {
    id: "image",
    promise: "The guest cannot change its own image",
    title: "root writes to its disks",
    async run(arena) {
      const sums = (): string => arena.image.map((path) => `${statSync(path).mtimeMs} ${statSync(path).size} ${headOf(path)}`).join("\n");
      const before = sums();
      const told = await script(arena, `dd if=/dev/zero of=/tmp/written bs=4096 count=1 conv=fsync && echo control; rm -f /tmp/written
for disk in /dev/vd?; do blockdev --setrw $disk; echo 0 >/sys/block/\${disk#/dev/}/ro; dd if=/dev/zero of=$disk bs=4096 count=1 conv=fsync && echo changed $disk; done`);
      control(told.text.includes("control"), "the same write elsewhere failed too");
      holds(!told.text.includes("changed") && sums() === before, "a disk of the image was written");
      return "no disk takes a write, and the image's files are what they were";
    },
  },
  {
    id: "guest-hardened",
    promise: "The guest cannot change its own image; it is hardened",
    title: "the agent looks for ways to become root",
    async run(arena) {
      const told = await script(arena, `id -u; sudo -n id; su -c id </dev/null; cat /etc/shadow /run/cloche/host-key; head -c 1 /dev/vda; cat /proc/sys/kernel/kexec_load_disabled /proc/sys/kernel/unprivileged_bpf_disabled`, "agent");
      control(/^1000$/m.test(told.text), `the agent could not run anything: ${told.text.trim()}`);
      holds(!/uid=0|root:[*!$]|BEGIN OPENSSH/.test(told.text), "the agent became root, or read what is root's");
      holds(/^1\n1\n?$/m.test(told.text), "the kernel's settings are not tight");
      return "no password, no sudo, no key, no disk; the kernel loads no other kernel and no program of the agent's";
    },
  },
];

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}

const HEAD_BYTES = 1024 * 1024;

function headOf(path: string): string {
  return createHash("sha256").update(readFileSync(path).subarray(0, HEAD_BYTES)).digest("hex");
}
