import { HOST_ADDRESS } from "../../../core/index.ts";
import { CHANGES_PORT } from "./answering.ts";

/** A text to put into a file of the guest. */
export interface GuestText {
  /** "append" at the end of what is there, "write" instead of it; "copy" of the file whose plain path the text is, or nothing. */
  readonly how: "append" | "write" | "copy";
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** Where the guest has what is only for git. */
export const FOLDER = "/run/cloche-git";
const NEEDS_ESCAPE = /[*?[\]\\]/g;

/**
 * What has git in the guest ask the host what changed in the project, instead of looking at each file over the share: the guest's own
 * system configuration, and nothing in any repository. Git keeps the answers' tokens in the index, where the host's git passes over them; a
 * cache of untracked files would stay there, and the host's git would go by it. Undefined when git's configuration cannot name the directory.
 */
export function guestFilesFor(target: string, word: string): readonly GuestText[] | undefined {
  const included = includedFor(`${target}/`, `${FOLDER}/config`);
  if (included === undefined) return undefined;
  return [
    { how: "write", path: `${FOLDER}/changes`, text: hook(word), mode: 0o755 },
    { how: "write", path: `${FOLDER}/config`, text: `[core]\n\tfsmonitor = ${FOLDER}/changes\n\tfsmonitorHookVersion = 2\n`, mode: 0o644 },
    included,
  ];
}

/** Has the guest's git read a file of settings for the repository at a path, or with "/" at its end for all below; undefined when it cannot name that. */
export function includedFor(repository: string, file: string): GuestText | undefined {
  if (/[\n\0]/.test(repository)) return undefined;
  const pattern = `gitdir:${repository.replaceAll(NEEDS_ESCAPE, "\\$&")}`.replaceAll(/["\\]/g, "\\$&");
  return { how: "append", path: "/etc/gitconfig", text: `\n[includeIf "${pattern}"]\n\tpath = ${file}\n`, mode: 0o644 };
}

/** Brings home what was written through mappings, of which the host knows nothing before, and becomes what asks: each process more takes 10 ms. */
function hook(word: string): string {
  return `#!/usr/lib/cloche/busybox sh
[ "$1" = 2 ] && cd -P . && sync -f . && exec nc ${HOST_ADDRESS} ${CHANGES_PORT} 2>/dev/null <<END
${word}
$2
$PWD
END
`;
}
