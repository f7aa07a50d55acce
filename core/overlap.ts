/** What is known of a tap: whose it is, and whether it was put at a place of its own among the others. */
export interface PlacedTap {
  readonly name: string;
  readonly before?: string;
  readonly stage?: number;
}

/** Plugins of which it is known which others they come after, by name. */
export type ComesAfter = ReadonlyMap<string, readonly string[]>;

/** One round of a hook's taps. */
interface Round {
  readonly begun: { readonly tap: PlacedTap; readonly done: Promise<void> }[];
  failed: boolean;
}

/**
 * Lets the taps of a hook that calls all at once overlap as far as their order allows: each waits for those before it of its own
 * plugin and of the plugins that it comes after. Whoever is not known, or was put at a place by hand, waits for all before it, and all
 * behind wait for it. When one fails, none begins any more.
 */
export class Overlap {
  readonly #comesAfter: ComesAfter;
  #round: Round = { begun: [], failed: false };

  constructor(comesAfter: ComesAfter) {
    this.#comesAfter = comesAfter;
  }

  /** The hook is called: what follows is another round. */
  begin(): void {
    this.#round = { begun: [], failed: false };
  }

  /** Does a tap's work when its turn has come; to be called in the hook's order, without a pause between. */
  async inTurn(tap: PlacedTap, work: () => Promise<void>): Promise<void> {
    const round = this.#round;
    const awaited = round.begun.filter((earlier) => this.#waitsFor(tap, earlier.tap)).map(({ done }) => done);
    const whole = Promise.all(awaited).then(async () => {
      if (!round.failed) await work();
    });
    const done = whole.catch(() => {
      round.failed = true;
    });
    round.begun.push({ tap, done });
    await whole;
  }

  #waitsFor(tap: PlacedTap, earlier: PlacedTap): boolean {
    const after = this.#comesAfter.get(tap.name);
    if (after === undefined || !this.#comesAfter.has(earlier.name) || isPlaced(tap) || isPlaced(earlier)) return true;
    return tap.name === earlier.name || after.includes(earlier.name);
  }
}

function isPlaced({ before, stage }: PlacedTap): boolean {
  return before !== undefined || (stage !== undefined && stage !== 0);
}
