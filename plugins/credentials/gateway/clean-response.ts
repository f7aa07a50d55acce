import type { PassingResponse } from "./contracts.ts";
import { decodersFor } from "./streams/decoding.ts";
import { firstOf, type Needle } from "./streams/needles.ts";
import { Replacing } from "./streams/replacing.ts";

const NO_BODY: ReadonlySet<number> = new Set([204, 304]);
const SWITCHED = 101;

/** Puts placeholders for real values into an answer: into its head, and into its body below whatever encoding. */
export function cleanResponse(response: PassingResponse, needles: readonly Needle[]): void {
  if (needles.length === 0) return;
  cleanFields(response.headers, needles);
  response.changeTrailers((trailers) => cleanFields(trailers, needles));
  const { status, headers, request } = response;
  if (NO_BODY.has(status) || request.method === "HEAD" || headers.get("content-length") === "0") return;
  if (status === SWITCHED) {
    // frames say their own length, so that only what is as long may take a place
    response.transformBody(new Replacing(needles.filter(({ find, put }) => find.length === put.length)));
    return;
  }
  const decoders = decodersFor(headers.get("content-encoding"));
  if (!decoders) {
    response.refuse({ status: 502, text: `cloche cannot read the answer of ${request.name}, so it does not pass: its encoding is not known.` });
    return;
  }
  if (decoders.length > 0) headers.delete("content-encoding");
  for (const decoder of decoders) response.transformBody(decoder);
  response.transformBody(new Replacing(needles));
}

function cleanFields(fields: PassingResponse["headers"], needles: readonly Needle[]): void {
  for (const name of new Set(fields.entries().map(([each]) => each.toLowerCase()))) {
    const values = fields.getAll(name);
    const clean = values.map((value) => replaceIn(value, needles));
    if (clean.every((value, index) => value === values[index])) continue;
    fields.delete(name);
    for (const value of clean) fields.append(name, value);
  }
}

function replaceIn(text: string, needles: readonly Needle[]): string {
  let bytes = Buffer.from(text, "latin1");
  for (let found = firstOf(bytes, needles, 0), from = 0; found; found = firstOf(bytes, needles, from)) {
    const { at, needle } = found;
    bytes = Buffer.concat([bytes.subarray(0, at), needle.put, bytes.subarray(at + needle.find.length)]);
    from = at + needle.put.length;
  }
  return bytes.toString("latin1");
}
