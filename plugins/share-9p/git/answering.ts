import { timingSafeEqual } from "node:crypto";
import type { Server, Socket } from "node:net";
import { toBuffer, type Bytes } from "../tree/bytes.ts";
import type { Changes, History } from "./history.ts";

/** Where the guest's git asks what changed, on 127.0.0.1 of the jail's network. */
export const CHANGES_PORT = 564;

const LONGEST_QUESTION = 8192;
const ASK_MS = 5_000;
const MOST_ASKERS = 16;

/** Whom to answer, and about what. */
export interface Answering {
  /** A word that the guest's git knows, and a container that was not given the project does not. */
  readonly word: string;
  /** Where the project is in the guest. */
  readonly target: Bytes;
  readonly history: Pick<History, "since">;
  readonly signal: AbortSignal;
}

/**
 * Answers the guest's git. A question is three lines, the word, a token and a directory, and the end of what is sent; an answer is what
 * git's fsmonitor protocol, version 2, wants from a hook. It is sent whole or not at all, since git takes a part of it for all of it.
 */
export function answerGit(door: Server, answering: Answering): void {
  door.maxConnections = MOST_ASKERS;
  door.on("connection", (socket) => {
    socket.on("error", () => socket.destroy());
    socket.setTimeout(ASK_MS, () => socket.destroy());
    void answer(socket, answering).catch(() => socket.destroy());
  });
}

async function answer(socket: Socket, { word, target, history, signal }: Answering): Promise<void> {
  const close = (): void => void socket.destroy();
  signal.addEventListener("abort", close, { once: true });
  socket.once("close", () => signal.removeEventListener("abort", close));
  const question = await heard(socket);
  const [, said = "", token = "", directory = ""] = /^([^\n]*)\n([^\n]*)\n([^]*)\n$/.exec(question) ?? [];
  if (!isSame(said, word)) return close();
  const inside = `${directory}/`.startsWith(`${target}/`);
  socket.setTimeout(0); // the survey has a deadline of its own
  const changes: Changes = inside ? await history.since(token, directory.slice(target.length + 1)) : { token: "9p:elsewhere", paths: "anything" };
  socket.end(inHookForm(changes));
}

async function heard(socket: Socket): Promise<Bytes> {
  let question = "";
  return await new Promise((resolve, reject) => {
    socket.on("data", (chunk: Buffer) => {
      question += chunk.toString("latin1");
      if (question.length > LONGEST_QUESTION) reject(new Error("a question that does not end"));
    });
    socket.once("end", () => resolve(question));
    socket.once("close", () => reject(new Error("nobody waits for the answer")));
  });
}

function isSame(said: string, word: string): boolean {
  return said.length === word.length && timingSafeEqual(Buffer.from(said, "latin1"), Buffer.from(word, "latin1"));
}

/** The token and the paths, each with a NUL after it; "/" is anything. */
function inHookForm({ token, paths }: Changes): Buffer {
  return toBuffer([token, ...(paths === "anything" ? ["/"] : paths), ""].join("\0"));
}
