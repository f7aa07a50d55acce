import type { Place } from "./place.ts";

const BEGINS = "the agent begins here";
const RECORD = "/tmp/recorded";

/**
 * A step of `provision` that puts a wrapper in the place of the agent, which on a terminal records each byte that the agent writes to it,
 * inside the machine and so before cloche's filter. The agent itself is mounted, since a copy of it would take hundreds of MB.
 */
export const RECORDING = {
  as: "root",
  run: `
touch /run/the-agent
mount --bind /usr/local/bin/claude /run/the-agent
mount --make-private /run/the-agent
cat >/run/recording <<'END'
#!/bin/sh
[ -t 1 ] || exec /run/the-agent "$@"
exec script -qefc "echo; echo ${BEGINS}; exec /run/the-agent $*" ${RECORD}
END
chmod 755 /run/recording
mount --bind /run/recording /usr/local/bin/claude`,
} as const;

/** What the agent of a running session has written to its terminal so far, as it left the agent. */
export async function recorded(place: Place, session: string): Promise<Buffer> {
  const { stdout, stderr, status } = await place.cloche(["exec", "--session", session, "--", "base64", "-w0", RECORD], { input: "" }).ended;
  if (status !== 0) throw new Error(`the record cannot be read: ${stderr}`);
  return sinceTheAgent(Buffer.from(stdout, "base64"));
}

/** What came after the agent began; nothing of that which cloche said before stands on a screen that is compared. */
export function sinceTheAgent(bytes: Buffer): Buffer {
  const mark = Buffer.from(`\n${BEGINS}\r\n`);
  const at = bytes.indexOf(mark);
  return at < 0 ? Buffer.alloc(0) : bytes.subarray(at + mark.length);
}
