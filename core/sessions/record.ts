import { constants } from "node:fs";
import { open, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isName } from "./names.ts";
import { isIdentity, type ProcessIdentity } from "./process-identity.ts";

/** How far a session is. */
export type SessionState = "starting" | "running" | "ending";

/** What a session tells of itself to the commands that come later; the file `record.json` of its directory. */
export interface SessionRecord {
  readonly version: 1;
  readonly name: string;
  /** Real path of the project. */
  readonly project: string;
  readonly state: SessionState;
  /** When it began, ISO 8601 in UTC. */
  readonly created: string;
  /** The process that keeps it; without it the session is over. */
  readonly owner: ProcessIdentity;
  /** Whether its command is held for terminals that come and go; else it belongs to the one it was started on. */
  readonly detached?: boolean;
}

const FILE = "record.json";
const LONGEST = 64 * 1024;
const STATES: readonly string[] = ["starting", "running", "ending"] satisfies readonly SessionState[];

/** Writes the record so that a reader sees the old one or the new one, never a part. */
export async function writeRecord(directory: string, record: SessionRecord): Promise<void> {
  const fresh = join(directory, `.${FILE}`);
  await writeFile(fresh, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
  await rename(fresh, join(directory, FILE));
}

/**
 * Reads the record of a session. Answers "damaged" when it is cut short as a host's crash may leave it, and "foreign" when there is
 * none, or one that is another version's or no plain file of ours: such a directory we must not judge.
 */
export async function readRecord(directory: string): Promise<SessionRecord | "damaged" | "foreign"> {
  const text = await readOwn(join(directory, FILE));
  return text === undefined ? "foreign" : parseRecord(text);
}

async function readOwn(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const facts = await file.stat();
    if (!facts.isFile() || facts.uid !== process.getuid?.()) return undefined;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LONGEST), 0, LONGEST, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } catch {
    return undefined;
  }
}

function parseRecord(text: string): SessionRecord | "damaged" | "foreign" {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "damaged";
  }
  if (typeof value !== "object" || value === null) return "damaged";
  const { version, name, project, state, created, owner, detached } = value as Record<string, unknown>;
  if (version !== 1) return "foreign";
  const whole =
    typeof name === "string" && isName(name) &&
    typeof project === "string" && typeof created === "string" &&
    typeof state === "string" && STATES.includes(state) && isIdentity(owner) &&
    (detached === undefined || typeof detached === "boolean");
  return whole ? (value as SessionRecord) : "damaged";
}
