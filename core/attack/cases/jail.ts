import { readFileSync, readlinkSync } from "node:fs";
import { script } from "../arena.ts";
import { control, holds, type AttackCase } from "../case.ts";

const PROVEN = "QEMU runs with no capability, no way to new privileges";

/** What QEMU is on the host, should a guest break into it, and what it holds. */
export const JAIL: readonly AttackCase[] = [
  {
    id: "jail-powers",
    promise: PROVEN,
    title: "the host's kernel is asked what QEMU may do",
    async run({ qemu }) {
      const status = read(qemu, "status");
      const field = (name: string): string => new RegExp(`^${name}:\\s*(\\S+)`, "m").exec(status)?.[1] ?? "";
      control(/^Name:\s*qemu/m.test(status), "the process is not QEMU's");
      for (const name of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) holds(/^0+$/.test(field(name)), `${name} is ${field(name)}`);
      holds(field("NoNewPrivs") === "1", "it can get new privileges");
      holds(field("Seccomp") === "2", "no filter of system calls is in place");
      const same = ["net", "pid", "mnt", "ipc", "user", "uts"].filter((name) => namespace(qemu, name) === namespace(process.pid, name));
      holds(same.length === 0, `it shares namespaces with us: ${same.join(", ")}`);
      return "no capability, no new privileges, filtered system calls, and six namespaces of its own";
    },
  },
  {
    id: "jail-view",
    promise: "A broken-into QEMU sees the project and its own programs",
    title: "the mounts, environment and arguments of QEMU are searched for what is the user's",
    async run({ qemu, project, canary, runDir, key }) {
      const mounts = read(qemu, "mountinfo");
      control(mounts.split("\n").some((line) => line.split(" ")[4] === "/project") && mounts.includes(project), "the project is not among its mounts");
      holds(![runDir, canary.path, process.env["HOME"] ?? "\0"].some((path) => path !== "/" && mounts.split("\n").some((line) => line.split(" ")[3] === path)), "more than the project is mounted");
      const names = read(qemu, "environ").split("\0").map((entry) => entry.split("=", 1)[0]).filter((name) => name !== "" && !["PWD", "OLDPWD", "SHLVL", "_"].includes(name ?? ""));
      holds(names.length === 0, `its environment has ${names.join(", ")}`);
      holds(!read(qemu, "cmdline").includes(key) && !/PRIVATE|ssh-ed25519/.test(read(qemu, "cmdline")), "a secret is among its arguments");
      return "the project and programs alone, an empty environment, no secret among its arguments";
    },
  },
  {
    id: "credentials",
    promise: "No credential of yours is in the guest",
    title: "root searches the guest's files and processes for the user's API key",
    async run(arena) {
      const { key } = arena;
      // the key comes in two parts, so that the search does not find itself
      const [one, two] = [key.slice(0, 20), key.slice(20)];
      const told = await script(arena, `a=${one} b=${two}; echo "$a$b" >/tmp/planted; grep -rlsF -- "$a$b" /tmp /home /etc /run /root /var 2>/dev/null; rm /tmp/planted; echo searched; grep -lsF -- "$a$b" /proc/[0-9]*/environ /proc/[0-9]*/cmdline`);
      const [found = "", processes = ""] = told.text.split("searched");
      control(found.includes("/tmp/planted"), "the search does not find what was planted for it");
      const files = found.split("\n").filter((path) => path !== "" && path !== "/tmp/planted");
      holds(files.length === 0, `it stands in ${files.join(", ")}`);
      holds(processes.trim() === "", `it stands in the environment or arguments of a process: ${processes.trim()}`);
      return "no file and no process has it; only what was planted was found";
    },
  },
];

function read(pid: number, name: string): string {
  return readFileSync(`/proc/${pid}/${name}`, "utf8");
}

function namespace(pid: number, name: string): string {
  return readlinkSync(`/proc/${pid}/ns/${name}`);
}
