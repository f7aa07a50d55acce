import type { Disposers } from "../support/disposers.ts";

/** How the clocks are looked at; for tests. */
export interface ClockOptions {
  readonly everyMs?: number;
  /** Time of day, in ms since the epoch. */
  readonly now?: () => number;
  /** Time that no setting of the clock changes and that stands while the host sleeps, in ms. */
  readonly steady?: () => number;
}

const EVERY_MS = 2_000;
const JUMP_MS = 500;

/**
 * Tells the guest the time whenever the host's clock has jumped: it was set, or the host slept, which a guest does not notice. Both
 * clocks of the host are compared for that, so nothing travels a network.
 */
export async function keepClock(
  setClock: (nowMs: number) => Promise<void>,
  scope: Disposers,
  { everyMs = EVERY_MS, now = Date.now, steady = () => performance.now() }: ClockOptions = {},
): Promise<void> {
  let difference = now() - steady();
  let setting = false;
  const look = async (): Promise<void> => {
    const found = now() - steady();
    if (setting || Math.abs(found - difference) < JUMP_MS) return;
    setting = true;
    try {
      await setClock(now());
      difference = found;
    } catch {
      // it is busy, or gone; the next look tries again
    } finally {
      setting = false;
    }
  };
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  await scope.defer("stop watching the clock", () => clearInterval(timer));
}
