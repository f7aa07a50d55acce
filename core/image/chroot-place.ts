import { lstatSync, statSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runTool } from "./tool.ts";

const FOR_ALL = 0o003;
const NOTE = "place";
const NAME = /\/cloche-image-[A-Za-z0-9]{6}$/;

/**
 * Makes a folder for a root that is being installed, away from the cache: in a user namespace another user number fills it, which may
 * not reach a private folder, and the tools that fill it misread odd paths. A note in the draft lets a later start remove it.
 */
export async function newChrootPlace(draft: string): Promise<string> {
  const place = await mkdtemp(join(parentFolder(), "cloche-image-"));
  await writeFile(join(draft, NOTE), place);
  await chmod(place, 0o755);
  return place;
}

/** Removes the place that a draft's note names, with whatever is in it; nothing when there is no note. */
export async function removeChrootPlace(draft: string, signal: AbortSignal): Promise<void> {
  const place = await readFile(join(draft, NOTE), "utf8").catch(() => "");
  if (!NAME.test(place) || lstatSync(place, { throwIfNoEntry: false })?.uid !== process.getuid?.()) return;
  const remove = ["rm", "-rf", "--one-file-system", "--", place];
  // files in there may belong to subordinate user numbers, which only this helper of mmdebstrap's may remove
  const [command = "", ...args] = process.getuid?.() === 0 ? remove : ["mmdebstrap", "--unshare-helper", ...remove];
  await runTool({ step: "cleaning up", command, args, cwd: "/", signal }).catch(() => {});
  await rm(place, { recursive: true, force: true });
}

function parentFolder(): string {
  const wanted = process.env["TMPDIR"];
  const stat = wanted === undefined ? undefined : statSync(wanted, { throwIfNoEntry: false });
  const plain = wanted !== undefined && /^[\w/.-]+$/.test(wanted);
  const open = stat !== undefined && (process.getuid?.() === 0 || (stat.mode & FOR_ALL) === FOR_ALL);
  return plain && open ? wanted : "/var/tmp";
}
