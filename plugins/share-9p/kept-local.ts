import { join } from "node:path";
import { keptDirectory, type KeptDisk, type DiskFound, type Reach } from "../../core/index.ts";
import type { ShareOptions } from "./options.ts";

/** By which serial number the guest finds the disk. */
export const LOCAL_SERIAL = "local";

/** What the guest's image needs to make a file system on it. */
export const LOCAL_PACKAGES = ["e2fsprogs"] as const;

const SETTING = "share.keepLocal";
const FORGET = '"cloche state forget" begins anew.';

/** The disk on which a session's local directories are kept for the next one. */
export interface KeptLocal {
  readonly disk: KeptDisk;
  /** Hears what the guest said of it: it made a file system, or the machine before was ended without taking it away. */
  found(how: "made" | "unclean" | undefined): void;
}

/** The disk that the user asked for, if any; says when it begins empty although something is kept. */
export function keptLocal({ options, session, notice }: Pick<Reach<ShareOptions>, "options" | "session" | "notice">): KeptLocal | undefined {
  const { keepLocal, local } = options;
  if (keepLocal === undefined || local.length === 0) return undefined;
  let state: DiskFound = "new";
  return {
    disk: {
      serial: LOCAL_SERIAL,
      bytes: Number.parseInt(keepLocal, 10) * 2 ** 30,
      setting: SETTING,
      file: () => join(keptDirectory(session.stateDir, session.project, "local"), "disk"),
      onOpened(found) {
        state = found;
        if (state === "in use") notice("Another session has the local directories that are kept for this project; here they begin empty, and are gone at the end");
      },
    },
    found(how) {
      if (state !== "kept") return;
      if (how === "made") notice("The local directories that were kept could not be read; they begin empty");
      if (how === "unclean") notice(`The session before did not end in order; what it wrote last to ${local.join(", ")} may be missing. ${FORGET}`);
    },
  };
}
