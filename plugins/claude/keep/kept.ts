import { keptDirectory, type Guest, type Share } from "../../../core/index.ts";

/** Where Claude Code keeps transcripts, and its own notes on a project; in the guest there is no other project. */
const TARGET = "/home/agent/.claude/projects";
const TAG = "claude-kept";
// as the project is mounted, and for the same reasons: what is written is on the host when the write returns
const MOUNT_OPTIONS = "trans=virtio,version=9p2000.L,msize=512000,access=any,cache=mmap,directio,noxattr,nosuid,nodev,noexec";
const MOUNT = `install -d -o agent -g agent -m 700 /home/agent/.claude "$1" && exec mount -i -t 9p -o "$2" -- "$3" "$1"`;
const SYNC_MS = 3_000;

/** The one directory of the host, beside the project, that the agent may write when its transcripts and memory are kept. */
export function keptShare(stateDir: string, project: string): Share {
  return { tag: TAG, source: keptDirectory(stateDir, project, "claude"), readOnly: false };
}

/** Puts it in its place before the agent starts. */
export async function mountKept(guest: Pick<Guest, "run">): Promise<void> {
  await guest.run(["sh", "-c", MOUNT, "sh", TARGET, MOUNT_OPTIONS, TAG]);
}

/** Takes it away, so that all that was written is on the host. */
export async function unmountKept(guest: Pick<Guest, "run">): Promise<void> {
  await guest.run(["sh", "-c", `sync -f "$1"; umount "$1" || umount -l "$1"`, "sh", TARGET], { deadlineMs: SYNC_MS });
}
