import type { DeskOptions } from "./desk.ts";

/** By this question a terminal that is attached from another process learns what is allowed on it, and then hears the notices. */
export const DESK_QUESTION = "attach.desk";

/** What is told: the options first, and then each notice. */
export type DeskSaying = { readonly options: DeskOptions } | { readonly notice: string };

/** What a session told. Read by hand, since a terminal that attaches would wait for zod to be loaded. Throws for anything else. */
export function readSaying(value: unknown): DeskSaying {
  const { options, notice } = value as { readonly options?: Partial<DeskOptions>; readonly notice?: unknown };
  if (typeof notice === "string") return { notice };
  const { clipboardBytes, pasteImages, notify } = options ?? {};
  if (!Number.isSafeInteger(clipboardBytes) || typeof pasteImages !== "boolean" || typeof notify !== "boolean") throw new Error("a desk says no such thing");
  return { options: { clipboardBytes: Number(clipboardBytes), pasteImages, notify } };
}
