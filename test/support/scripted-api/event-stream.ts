import { crc32 } from "node:zlib";
import type { ApiEvent } from "./events.ts";

const TEXT = 7; // the kind of a header's value
const HEADERS = headersOf({ ":event-type": "chunk", ":content-type": "application/json", ":message-type": "event" });

/** An event as Amazon's models stream it: a frame with its lengths, its headers, the event in base64, and checksums. */
export function frameOf(event: ApiEvent): Buffer {
  const payload = Buffer.from(JSON.stringify({ bytes: Buffer.from(JSON.stringify(event)).toString("base64") }));
  const lengths = Buffer.concat([number(16 + HEADERS.length + payload.length), number(HEADERS.length)]);
  const whole = Buffer.concat([lengths, number(crc32(lengths)), HEADERS, payload]);
  return Buffer.concat([whole, number(crc32(whole))]);
}

function headersOf(headers: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(Object.entries(headers).map(([name, value]) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(value.length);
    return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([TEXT]), length, Buffer.from(value)]);
  }));
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
