import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Jailed } from "../../../core/machine/containment.ts";
import { findPlaces } from "../../../plugins/share-9p/frozen/find.ts";
import { startGuard } from "../../../plugins/share-9p/frozen/guard.ts";
import { Placeholders } from "../../../plugins/share-9p/frozen/placeholders.ts";
import { planHolds, type Choice } from "../../../plugins/share-9p/frozen/plan.ts";
import { Arena } from "../attacker.ts";

const UNBOUND = new AbortController().signal;

/** A frozen project in the jail, with an attacker in QEMU's place. */
export class FrozenArena extends Arena {
  readonly state = realpathSync(mkdtempSync(join(tmpdir(), "cloche-state-")));
  readonly replaced: string[] = [];
  readonly lost: Error[] = [];
  placeholders: Placeholders | undefined;
  pauses = 0;

  /** Freezes the folder for a program in the jail, as the plugin does before the guest mounts. */
  async freeze(jailed: Jailed, choice: Partial<Choice> = {}, session = "test"): Promise<{ readonly count: number }> {
    const bounds = { scope: this.scope, signal: UNBOUND };
    const places = await findPlaces(this.folder, UNBOUND);
    const placeholders = Placeholders.begin(this.state, { project: this.folder, session });
    this.placeholders ??= placeholders;
    const paused = async <T>(work: () => Promise<T>): Promise<T> => {
      this.pauses++;
      return await work();
    };
    const guard = await startGuard({
      machine: { paused },
      holds: await jailed.openHolds(bounds),
      tag: "project",
      project: this.folder,
      plan: () => planHolds(this.folder, places, { freeze: true, except: [], also: [], local: [], ...choice }),
      placeholders,
      onReplaced: (path) => this.replaced.push(path),
      onLost: (error) => this.lost.push(error),
      log: Object.assign(() => {}, { enabled: false }) as never,
    });
    await this.scope.defer("end the guard", () => guard.end());
    return guard;
  }

  /** Waits until all of the paths are held, and throws when that does not come about. */
  async holds(jailed: Jailed, paths: readonly string[], ms = 20_000): Promise<void> {
    const holds = await jailed.openHolds({ scope: this.scope, signal: UNBOUND });
    for (const deadline = Date.now() + ms; ; await sleep(20)) {
      const held = holds.held("project", paths);
      const missing = paths.filter((path) => !held.has(path));
      if (missing.length === 0) return;
      if (Date.now() > deadline) throw new Error(`not held: ${missing.join(", ")}`);
    }
  }

  /** Notes of placeholders that are still on disk. */
  notes(): string[] {
    return readdirSync(this.state, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".json"));
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    rmSync(this.state, { recursive: true, force: true });
  }
}
