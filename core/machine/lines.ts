import type { Readable } from "node:stream";

/**
 * Splits a stream into lines, for text that another process sends us. A line of more than `maxBytes` is an error that ends the
 * listening; nothing longer is ever kept.
 */
export function onLines(
  stream: Readable,
  maxBytes: number,
  listener: { line(text: string): void; tooLong(): void },
): void {
  let pending: Buffer[] = [];
  let size = 0;
  const onData = (chunk: Buffer): void => {
    let rest = chunk;
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      if (size + end > maxBytes) return giveUp();
      const text = Buffer.concat([...pending, rest.subarray(0, end)]).toString("utf8");
      pending = [];
      size = 0;
      rest = rest.subarray(end + 1);
      listener.line(text);
    }
    size += rest.length;
    if (size > maxBytes) return giveUp();
    if (rest.length > 0) pending.push(rest);
  };
  const giveUp = (): void => {
    pending = [];
    stream.off("data", onData);
    stream.resume();
    listener.tooLong();
  };
  stream.on("data", onData);
}
