import { entriesOf, linkOr, readOr } from "./proc.ts";

const alone = process.env["CLOCHE_TEST_ALONE"] === "1";
const LENT = 100_000;

/**
 * The processes that count as ours, ourselves among them. The user that CI makes for the tests runs nothing else, so there every
 * process of that user counts. Elsewhere those that we started, and those that know one of the folders: by their command line,
 * environment, directory or mounts.
 */
export function processesOfTest(folders: readonly string[]): readonly string[] {
  return entriesOf("/proc").filter((pid) => /^\d+$/.test(pid) && isRunningAsUs(pid) && (alone || descendsFromUs(pid) || knowsOneOf(folders, pid)));
}

function isRunningAsUs(pid: string): boolean {
  const status = readOr(`/proc/${pid}/status`);
  const uid = Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]);
  // what makes an image runs under numbers that were lent to us
  const isOurs = uid === process.getuid?.() || (alone && uid >= LENT);
  return isOurs && !/^State:\s+[ZX]/m.test(status);
}

function descendsFromUs(pid: string): boolean {
  for (let current = pid; current !== "0" && current !== ""; current = parentOf(current)) {
    if (current === String(process.pid)) return true;
  }
  return false;
}

function parentOf(pid: string): string {
  return /^PPid:\s+(\d+)/m.exec(readOr(`/proc/${pid}/status`))?.[1] ?? "";
}

function knowsOneOf(folders: readonly string[], pid: string): boolean {
  const known = ["cmdline", "environ", "mountinfo"].map((name) => readOr(`/proc/${pid}/${name}`)).concat(linkOr(`/proc/${pid}/cwd`));
  return folders.some((folder) => known.some((text) => text.includes(folder)));
}
