import { PassThrough } from "node:stream";
import type { CommandEnd, GuestChannel } from "../../../../core/machine/guest.ts";

/** A command that does what the test says, and remembers what it was told. */
export function scripted() {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const { promise: ended, resolve } = Promise.withResolvers<CommandEnd>();
  const told: string[] = [];
  const typed: string[] = [];
  stdin.on("data", (chunk: Buffer) => typed.push(chunk.toString()));
  const channel: GuestChannel = {
    stdin, stdout, stderr, ended,
    resize: ({ columns, rows }) => void told.push(`${columns}x${rows}`),
    signal: (name) => void told.push(name),
    close: () => void told.push("close"),
  };
  return {
    channel, told, typed,
    /** Whether all that it wrote was taken. */
    isRead: () => stdout.readableLength === 0,
    write: (text: string) => void stdout.write(text),
    end(end: CommandEnd = { kind: "exit", status: 0 }) {
      stdout.end();
      stderr.end();
      resolve(end);
    },
  };
}

/** All that a stream has said so far. */
export function heard(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}

