import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { nameFor, trustFolder } from "./places.ts";

const NOTES = z.object({
  version: z.literal(1),
  sessions: z.array(
    z.object({
      session: z.string(),
      /** When it began, as an ISO date. */
      began: z.string(),
      /** Hash of what the project asked for when it began; empty for nothing. */
      before: z.string(),
      /** The same when it ended; none of a session that still runs or was killed. */
      after: z.string().optional(),
    }),
  ),
});

type Note = z.output<typeof NOTES>["sessions"][number];

const MOST_NOTES = 20;

/** Notes what a project asks for while a session of it begins. */
export async function noteBegin(state: string, project: string, session: string, before: string): Promise<string> {
  const began = new Date().toISOString();
  await change(state, project, (notes) => [...notes, { session, began, before }]);
  return began;
}

/** Notes what the project asks for when that session has ended. */
export async function noteEnd(state: string, project: string, began: string, after: string): Promise<void> {
  await change(state, project, (notes) => notes.map((note) => (note.began === began ? { ...note, after } : note)));
}

/** The session during which the project came to ask for this; undefined when it was none that is known. */
export async function cameAbout(state: string, project: string, hash: string): Promise<string | undefined> {
  const notes = await read(fileOf(state, project));
  // what one began with while no other ran was there before; of a killed one nobody knows what it left
  return notes.findLast(({ before, after }) => before !== hash && (after === undefined || after === hash))?.session;
}

function fileOf(state: string, project: string): string {
  return join(trustFolder(state), "sessions", nameFor(project));
}

async function change(state: string, project: string, by: (notes: readonly Note[]) => readonly Note[]): Promise<void> {
  const file = fileOf(state, project);
  const sessions = by(await read(file)).slice(-MOST_NOTES);
  const draft = `${file}.${randomUUID()}`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(draft, JSON.stringify({ version: 1, sessions }), { mode: 0o600 });
  await rename(draft, file);
}

async function read(file: string): Promise<readonly Note[]> {
  try {
    return NOTES.safeParse(JSON.parse(await readFile(file, "utf8"))).data?.sessions ?? [];
  } catch {
    return [];
  }
}
