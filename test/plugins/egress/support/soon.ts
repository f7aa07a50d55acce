const PATIENCE_MS = 10_000;

/** Waits until there is a value, for what another process writes down a moment later. */
export async function soon<T>(look: () => T | undefined): Promise<T> {
  for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; ) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("it did not come");
}
