import type { BuildProgress } from "./build-progress.ts";
import { FORGET_HOST, GROUND_FILES, LAID, NO_DEVICES } from "./ground.ts";
import type { From } from "./installing.ts";
import { installOn } from "./on-ground.ts";

const HOOKS = [NO_DEVICES, FORGET_HOST, '--customize-hook=echo "cloche: size $(du -sxk --exclude=./proc --exclude=./sys "$1" | cut -f 1)" >&2'];

/** What a wider ground has more than the one that it is made on. */
export interface Wider {
  readonly suite: string;
  readonly packages: readonly string[];
  /** The folder of the ground that it is made on. */
  readonly ground: string;
}

/** Makes a ground with more packages on another one, in the workshop's folder `ground`. */
export async function widenGround(wider: Wider, from: From, workshop: string, progress: BuildProgress, signal: AbortSignal): Promise<void> {
  await installOn({ ...wider, hooks: HOOKS, folder: LAID, root: GROUND_FILES.root }, from, workshop, progress, signal);
}
