import type { Readable } from "node:stream";
import type { Bytes } from "../tree/bytes.ts";

/** What the collector in the guest says of one path, checked in form: the path leads nowhere but down. */
export interface Told {
  readonly type: "file" | "directory" | "opaque" | "link" | "removed" | "other" | "undone";
  readonly executable: boolean;
  readonly path: Bytes;
}

/** Hears the collector. What it throws ends the listening. */
export interface Hearer {
  begin(told: Told): void;
  content(chunk: Buffer): void;
  end(): void;
  /** One look is complete; the last one when `last`. */
  looked(last: boolean): void;
}

const TYPES = { f: "file", d: "directory", o: "opaque", l: "link", w: "removed", x: "other" } as const;
const LONGEST_LINE = 2 * 4096 + 64;
const LONGEST_NAME = 255;
const LARGEST_CHUNK = 65_536;

/** Reads what the guest says, which may be anything: throws when it is not of the form, before it is kept. */
export async function hear(stream: Readable, hearer: Hearer): Promise<void> {
  let buffer = Buffer.alloc(0);
  let open = false;
  let missing = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      if (missing > 0) {
        const part = buffer.subarray(0, missing);
        if (part.length === 0) break;
        hearer.content(part);
        missing -= part.length;
        buffer = buffer.subarray(part.length);
        continue;
      }
      const end = buffer.indexOf(10);
      if (end > LONGEST_LINE || (end === -1 && buffer.length > LONGEST_LINE)) throw new Error("a line is too long");
      if (end === -1) break;
      const line = buffer.toString("latin1", 0, end);
      buffer = buffer.subarray(end + 1);
      const size = /^C (\d{1,5})$/.exec(line)?.[1];
      if (size !== undefined) {
        if (!open || Number(size) > LARGEST_CHUNK) throw new Error("content that belongs to nothing, or too much of it");
        missing = Number(size);
        if (missing === 0) {
          open = false;
          hearer.end();
        }
        continue;
      }
      if (open) throw new Error("a file that does not end");
      if (line === "E" || line === "F") {
        hearer.looked(line === "F");
        if (line === "F") return;
        continue;
      }
      const told = read(line);
      hearer.begin(told);
      open = told.type === "file" || told.type === "link";
      if (!open) hearer.end();
    }
  }
}

function read(line: string): Told {
  const undone = /^D ([0-9a-f]+)$/.exec(line)?.[1];
  if (undone !== undefined) return { type: "undone", executable: false, path: pathOf(undone) };
  const [, type = "", mode = "", hex = ""] = /^R ([fdolwx]) (\d{1,4}) ([0-9a-f]+)$/.exec(line) ?? [];
  const known = TYPES[type as keyof typeof TYPES];
  if (known === undefined) throw new Error("a line that means nothing");
  return { type: known, executable: (Number(mode) & 0o111) !== 0, path: pathOf(hex) };
}

function pathOf(hex: string): Bytes {
  const path = Buffer.from(hex, "hex").toString("latin1");
  const isPart = (part: string) => part !== "" && part !== "." && part !== ".." && part.length <= LONGEST_NAME && !part.includes("\0");
  if (hex.length % 2 !== 0 || !path.split("/").every(isPart)) throw new Error("a path that leads elsewhere");
  return path;
}
