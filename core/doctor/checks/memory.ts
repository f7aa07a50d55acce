import { ok, unmeasured, warn, type Check } from "../check.ts";

const GIB = 1024 * 1024;
const LEAST = 2 * GIB;

/** The host's memory; half of it goes to a machine by default. */
export const memory: Check = {
  id: "memory",
  title: "Memory",
  async run(look) {
    const info = (await look.read("/proc/meminfo")) ?? "";
    const total = kibibytes(info, "MemTotal");
    const available = kibibytes(info, "MemAvailable");
    if (total === undefined || available === undefined) return unmeasured("not measured: no /proc/meminfo");
    const found = `${(available / GIB).toFixed(1)} of ${(total / GIB).toFixed(1)} GiB available`;
    return available < LEAST ? warn(found, "A machine and the agent want 2 GiB; end something, or lower machine.memory.") : ok(found);
  },
};

function kibibytes(info: string, name: string): number | undefined {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(info);
  return match ? Number(match[1]) : undefined;
}
