import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";

/** Starts a program that prints a port first; it ends with the scope. */
export async function startServer(argv: readonly string[], running: ChildProcess[]): Promise<{ readonly pid: number; readonly port: number }> {
  const [command = "", ...args] = argv;
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  running.push(child);
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  return { pid: child.pid ?? 0, port: Number(String(said)) };
}

/** Runs a program to its end; answers what it printed. Throws when it fails. */
export async function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const [command = "", ...args] = argv;
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...env } });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => { said += String(chunk); });
  const [status] = (await once(child, "close")) as [number | null];
  if (status !== 0) throw new Error(`${argv.join(" ")} ended with ${status}`);
  return said;
}

/** Seconds of processor that a process has used, to a hundredth. */
export function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** What a process holds in memory, in MB. */
export function memory(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1000;
}

/** How many descriptors a process has open. */
export function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** The gateway itself, of which what confines it is the parent. */
export function confinedChild(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);
}
