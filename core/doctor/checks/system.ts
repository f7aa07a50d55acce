import { failed, ok, warn, type Check } from "../check.ts";

/** The operating system: the jail is made of Linux namespaces. */
export const system: Check = {
  id: "system",
  title: "System",
  async run(look) {
    if (look.platform !== "linux") {
      return failed(`${look.platform} has no user namespaces, of which the jail is made`, "Use a Linux host or a Linux virtual machine; nothing starts here.");
    }
    const release = /^PRETTY_NAME="?([^"\n]*)/m.exec((await look.read("/etc/os-release")) ?? "")?.[1] ?? "an unnamed Linux";
    if (look.arch !== "x64") return warn(`${release}, ${look.arch}`, "Only x86-64 hosts are tested so far.");
    return ok(`${release}${look.uid === 0 ? ", as root: a normal user is safer" : ""}`);
  },
};
