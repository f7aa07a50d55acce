import { posix } from "node:path";
import { tarOf, type TarFile } from "../image/tar.ts";
import { HOMES } from "./guest-quote.ts";
import type { GuestFile } from "./guest.ts";

const AGENT = { id: 1000, name: "agent" };

const BUSYBOX = "/usr/lib/cloche/busybox";

/**
 * The command that lays out an archive of `guestArchive` in the guest; busybox, since it starts in a fraction of tar's time. Directories
 * that it makes on the way are as open as the umask lets them be, which is root's own otherwise.
 */
export const UNPACK = [BUSYBOX, "sh", "-c", `umask 022 && exec ${BUSYBOX} tar -x -C / -f -`] as const;

/** Files of the guest as one archive; those in the agent's home, and the directories made for them there, are the agent's. */
export function guestArchive(files: readonly GuestFile[]): Buffer {
  const directories = new Map<string, TarFile>();
  for (const { path } of files) {
    if (!posix.isAbsolute(path) || posix.normalize(path) !== path) throw new Error(`"${path}" is not an absolute path in the guest`);
    for (const folder of foldersInHome(path)) directories.set(folder, { path: `${folder}/`, content: "", directory: true, owner: AGENT });
  }
  const entries = files.map((file): TarFile => (isInHome(file.path) ? { ...file, owner: AGENT } : file));
  return tarOf([...directories.values(), ...entries]);
}

function isInHome(path: string): boolean {
  return path.startsWith(`${HOMES.agent}/`);
}

/** The directories between the agent's home and a file in it, outermost first. */
function foldersInHome(path: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = posix.dirname(path); isInHome(folder); folder = posix.dirname(folder)) folders.unshift(folder);
  return folders;
}
