import { apiError, type Answer } from "./start-up.ts";
import type { Turn } from "./script.ts";

/** What a request to `/v1/messages` says that matters here. */
export interface MessagesRequest {
  readonly model: string;
  readonly stream: boolean;
  /** How many answers of the model the conversation holds already. */
  readonly answers: number;
  /** Whether tools are offered: questions on the side, such as for a title, offer none. */
  readonly isConversation: boolean;
}

/** Reads a request's body; undefined when it is not one of the Messages API. At Amazon its path names the model. */
export function readMessagesRequest(body: string, inPath?: string): MessagesRequest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  const { model = inPath, stream, messages, tools } = (value ?? {}) as Record<string, unknown>;
  if (typeof model !== "string" || !Array.isArray(messages)) return undefined;
  const answers = messages.filter((message: { role?: unknown } | null) => message?.role === "assistant").length;
  return { model, stream: stream === true, answers, isConversation: Array.isArray(tools) && tools.length > 0 };
}

/**
 * The script's turn for a request: the one after the answers that the conversation holds, so that a request sent again, or a second
 * conversation, gets what is right for it. An answer instead when the script has no more.
 */
export function turnFor(request: MessagesRequest, turns: readonly Turn[]): Turn | Answer {
  if (!request.isConversation) return { text: "A title" };
  return turns[request.answers] ?? apiError(400, "invalid_request_error", `the script has ${turns.length} turns, this is number ${request.answers + 1}`);
}
