import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { withDeadline } from "../support/deadline.ts";
import { fail } from "./failures.ts";
import type { Frame, FrameKind } from "./frames.ts";
import { PROTOCOL, type Hello, type Refused } from "./messages.ts";
import { Wire } from "./wire.ts";

/** Where a session's control socket is, and what the session is called in messages. */
export interface ControlAddress {
  readonly path: string;
  readonly name: string;
}

/** What a client asks for when it connects, and who hears what follows. */
export interface Asking {
  readonly kind: "open" | "resume" | "ask" | "visit";
  readonly message: unknown;
  /** Hears the answer, before any frame that comes after it. */
  answered(payload: Buffer, wire: Wire, kind: FrameKind): void;
  hear(frame: Frame): void;
}

const ANSWERS: Readonly<Record<Asking["kind"], readonly FrameKind[]>> = { open: ["opened"], resume: ["resumed"], ask: ["said", "done"], visit: ["opened"] };
const DEADLINE_MS = 30_000;

/** Connects to a session and makes one request; resolves when it is granted. Throws CONTROL_REFUSED, CONTROL_VERSION and others. */
export async function dial({ path, name }: ControlAddress, asking: Asking, signal: AbortSignal): Promise<void> {
  const socket = connect(path);
  const late = () => fail("CONTROL_LATE", { name, deadlineMs: DEADLINE_MS });
  try {
    await withDeadline(converse(socket, name, asking), DEADLINE_MS, late, signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function converse(socket: Socket, name: string, asking: Asking): Promise<void> {
  await once(socket, "connect");
  await new Promise<void>((resolve, reject) => {
    const afterHello = ({ kind, payload }: Frame): void => {
      if (kind === "refused") reject(refusal(asking.kind, name, parse<Refused>(payload)));
      else if (!ANSWERS[asking.kind].includes(kind)) reject(fail("CONTROL_PROTOCOL", { detail: `"${kind}" instead of an answer` }));
      else {
        hear = (frame) => asking.hear(frame);
        asking.answered(payload, wire, kind);
        resolve();
      }
    };
    let hear = ({ kind, payload }: Frame): void => {
      const { protocol } = kind === "hello" ? parse<Hello>(payload) : { protocol: "unknown" };
      if (protocol !== PROTOCOL) return reject(fail("CONTROL_VERSION", { name, theirs: String(protocol), ours: PROTOCOL }));
      hear = afterHello;
      wire.tell("hello", { protocol: PROTOCOL } satisfies Hello);
      wire.tell(asking.kind, asking.message);
    };
    const wire = new Wire(socket, (frame) => hear(frame));
    void wire.closed.then(() => reject(fail("CONTROL_PROTOCOL", { detail: "it closed the connection" })));
  });
}

function refusal(kind: Asking["kind"], name: string, { message, hint }: Refused): Error {
  return kind === "ask" ? fail("QUESTION_REFUSED", { message, hint }) : fail("CONTROL_REFUSED", { name, message, hint });
}

/** A message of the session, which we trust to be of our own version once it said so. */
export function parse<T>(payload: Buffer): Partial<T> & T {
  try {
    return JSON.parse(payload.toString("utf8")) as T;
  } catch (cause) {
    throw fail("CONTROL_PROTOCOL", { detail: "a message that is not JSON" }, { cause });
  }
}
