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
 * What makes git in the guest quick in the project: the guest's own system configuration, and nothing in any repository. Through the share
 * inodes and owners have other numbers than on the host, so that git is not to go by them: else it would read every file whose
 * entry the host's git wrote, and the host's the other way round. And with a word git asks the host what changed, instead of looking at each
 * file. It keeps the answers' tokens in the index, where the host's git passes over them; a cache of untracked files would stay there,
 * and the host's git would go by it. Undefined when git's configuration cannot name the directory.
 */
export function guestFilesFor(target: string, word: string | undefined): readonly GuestText[] | undefined {
  const included = includedFor(`${target}/`, `${FOLDER}/config`);
  if (included === undefined) return undefined;
  const asking = word === undefined ? "" : `\tfsmonitor = ${FOLDER}/changes\n\tfsmonitorHookVersion = 2\n`;
  return [
    ...(word === undefined ? [] : [{ how: "write", path: `${FOLDER}/changes`, text: hook(word), mode: 0o755 } as const]),
    { how: "write", path: `${FOLDER}/config`, text: `[core]\n\tcheckStat = minimal\n${asking}`, mode: 0o644 },
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
