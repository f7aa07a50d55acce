import { z } from "zod";
import type { Notices } from "../attach/notices.ts";
import type { Guest } from "../machine/guest.ts";
import type { Questions } from "../sessions/questions.ts";
import type { Disposers } from "../support/disposers.ts";
import { listeningPorts, type GuestPort } from "./guest-ports.ts";
import { OpenPorts } from "./open-ports.ts";
import { PORT_QUESTIONS, type ListedPort } from "./questions.ts";

const port = z.int().min(1).max(65_535);
/** Below this only root may listen on the host; so there the offer is at any free port. */
const UNPRIVILEGED = 1024;

/** Lets the user's commands open ports of the guest on the host; all are closed with the scope. Nothing is open before somebody asks. */
export async function servePorts(guest: Guest, questions: Questions, notices: Pick<Notices, "tell">, scope: Disposers): Promise<void> {
  const ports = new OpenPorts((wanted) => guest.connect(wanted));
  await scope.defer("close the ports of the guest", () => ports.closeAll());
  questions.serve(PORT_QUESTIONS.list, z.strictObject({}), async () => list(await listeningPorts(guest), ports));
  questions.serve(PORT_QUESTIONS.open, z.strictObject({ port, at: z.int().min(0).max(65_535).optional() }), async (asked) => {
    const opened = await ports.open(asked.port, asked.at ?? (asked.port < UNPRIVILEGED ? 0 : asked.port));
    notices.tell(`The guest's port ${opened.port} is open at http://127.0.0.1:${opened.at}`);
    return opened;
  });
  questions.serve(PORT_QUESTIONS.close, z.strictObject({ port }), (asked) => {
    const closed = ports.close(asked.port);
    notices.tell(`The guest's port ${closed.port} is closed.`);
    return closed;
  });
}

function list(listening: readonly GuestPort[], ports: OpenPorts): readonly ListedPort[] {
  const open = new Map(ports.list().map((opened) => [opened.port, opened.at]));
  const answering = listening.map((found): ListedPort => ({ ...found, listening: true, at: open.get(found.port) ?? null }));
  const silent = [...open].filter(([number]) => !listening.some((found) => found.port === number));
  return [...answering, ...silent.map(([number, at]): ListedPort => ({ port: number, listening: false, at }))].sort((a, b) => a.port - b.port);
}
