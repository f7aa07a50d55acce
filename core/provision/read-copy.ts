import { constants, lstatSync, readdirSync, realpathSync } from "node:fs";
import { open } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import type { CopyStep } from "../config/provision-section.ts";
import { messageOf } from "../support/errors.ts";
import { fail } from "./failures.ts";
import type { ProvisionPlan } from "./plan.ts";

/** A file on its way into the guest. */
export interface CopiedFile {
  /** Absolute path in the guest. */
  readonly path: string;
  readonly content: Uint8Array;
  readonly mode: number;
}

const MOST_FILES = 2_000;
const MOST_BYTES = 64 * 2 ** 20;

/** The files that a step copies, read now. Throws PROVISION_COPY_REFUSED for links and for whatever is neither file nor folder. */
export async function readCopy({ copy, to }: CopyStep, plan: ProvisionPlan): Promise<readonly CopiedFile[]> {
  const source = sourceOf(copy, plan);
  const files: CopiedFile[] = [];
  const left = { bytes: MOST_BYTES };
  try {
    await collect(source, to, files, left);
  } catch (cause) {
    throw fail("PROVISION_COPY_REFUSED", { source, reason: messageOf(cause) }, { cause });
  }
  return files;
}

function sourceOf(copy: string, { directory, isProjects }: ProvisionPlan): string {
  const source = copy.startsWith("~/") ? join(homedir(), copy.slice(2)) : resolve(directory, copy);
  if (!isProjects) return source;
  const real = realOr(source);
  const isInside = !isAbsolute(copy) && !copy.startsWith("~") && real === source && source.startsWith(`${directory}/`);
  if (!isInside) throw fail("PROVISION_COPY_REFUSED", { source: copy, reason: "a project's own file may only copy what lies in the project, without links" });
  return source;
}

function realOr(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

async function collect(source: string, target: string, files: CopiedFile[], left: { bytes: number }): Promise<void> {
  const stat = lstatSync(source);
  if (stat.isSymbolicLink()) throw new Error(`${source} is a link`);
  if (stat.isDirectory()) {
    for (const name of readdirSync(source).sort()) await collect(join(source, name), join(target, name), files, left);
    return;
  }
  // what lies there may be another thing by the time it is opened
  const handle = await open(source, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const opened = await handle.stat();
    if (!opened.isFile()) throw new Error(`${source} is neither a file nor a folder`);
    if (opened.size > left.bytes) throw new Error(`all together it is larger than ${MOST_BYTES / 2 ** 20} MiB`);
    const content = await handle.readFile();
    left.bytes -= content.length;
    if (files.push({ path: target, content, mode: opened.mode & 0o777 }) > MOST_FILES) throw new Error(`there are more than ${MOST_FILES} files`);
  } finally {
    await handle.close();
  }
}
