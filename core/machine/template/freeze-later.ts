import type { Shape } from "./shape.ts";

// By then an agent has its first screen; the freezer itself runs only when nobody else wants the processor.
const FREEZE_AFTER_MS = 30_000;

/** The template that this start lacked is made in the background when the user's command has run for a while, or has ended. */
export function planFreezing(shape: Shape, cacheDir: string, bootDeadlineMs: number): () => Promise<void> {
  let begun: Promise<void> | undefined;
  const begin = (): Promise<void> => (begun ??= freezeInBackground(shape, cacheDir, bootDeadlineMs));
  const timer = setTimeout(() => void begin(), FREEZE_AFTER_MS);
  return async () => {
    clearTimeout(timer);
    await begin();
  };
}

async function freezeInBackground(shape: Shape, cacheDir: string, bootDeadlineMs: number): Promise<void> {
  const { startFreezer } = await import("./freezer.ts");
  startFreezer({ shape, cacheDir, bootDeadlineMs });
}
