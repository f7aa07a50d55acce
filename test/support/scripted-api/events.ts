import type { Turn } from "./script.ts";

/** One server-sent event of the Messages API. */
export interface ApiEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

const PIECE = 16;

/** A turn as the Messages API streams it: text and the tools' inputs arrive in pieces. */
export function eventsOf(turn: Turn, model: string, id: string): readonly ApiEvent[] {
  const usage = { input_tokens: 10, output_tokens: 1 };
  const message = { id: `msg_${id}`, type: "message", role: "assistant", model, content: [], stop_reason: null, stop_sequence: null, usage };
  const blocks = blocksOf(turn, id);
  return [
    { type: "message_start", message },
    ...blocks.flatMap(({ start, deltas }, index): readonly ApiEvent[] => [
      { type: "content_block_start", index, content_block: start },
      ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
      { type: "content_block_stop", index },
    ]),
    { type: "message_delta", delta: { stop_reason: stopReason(turn), stop_sequence: null }, usage: { output_tokens: 5 } },
    { type: "message_stop" },
  ];
}

/** The same turn for a request that does not stream. */
export function messageOf(turn: Turn, model: string, id: string): Record<string, unknown> {
  const content = [
    ...(turn.text === undefined ? [] : [{ type: "text", text: turn.text }]),
    ...(turn.tools ?? []).map((tool, index) => ({ type: "tool_use", id: `toolu_${id}_${index}`, name: tool.name, input: tool.input })),
  ];
  const usage = { input_tokens: 10, output_tokens: 5 };
  return { id: `msg_${id}`, type: "message", role: "assistant", model, content, stop_reason: stopReason(turn), stop_sequence: null, usage };
}

function blocksOf(turn: Turn, id: string) {
  const text = turn.text === undefined ? [] : [{
    start: { type: "text", text: "" },
    deltas: inPieces(turn.text).map((piece) => ({ type: "text_delta", text: piece })),
  }];
  const tools = (turn.tools ?? []).map((tool, index) => ({
    start: { type: "tool_use", id: `toolu_${id}_${index}`, name: tool.name, input: {} },
    deltas: inPieces(JSON.stringify(tool.input)).map((piece) => ({ type: "input_json_delta", partial_json: piece })),
  }));
  return [...text, ...tools];
}

function inPieces(text: string): readonly string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += PIECE) pieces.push(text.slice(at, at + PIECE));
  return pieces;
}

function stopReason(turn: Turn): string {
  return (turn.tools ?? []).length > 0 ? "tool_use" : "end_turn";
}
