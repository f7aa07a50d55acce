import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { stageOptions, type StageOptions } from "../../../../plugins/credentials/staging/options.ts";
import { hostPlaces } from "../../../../plugins/credentials/staging/places.ts";
import { stage } from "../../../../plugins/credentials/staging/stage.ts";
import type { Staging } from "../../../../plugins/credentials/staging/staging.ts";

/** A user's home with a configuration in it. */
export class Home implements Disposable {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), "ch-")));
  readonly project = join(this.path, "projects/one");

  constructor(files: Readonly<Record<string, string | Uint8Array | object>> = {}) {
    mkdirSync(this.project, { recursive: true });
    for (const [name, content] of Object.entries(files)) this.write(name, content);
  }

  /** Writes a file below the home; what is an object goes as JSON. */
  write(name: string, content: string | Uint8Array | object): void {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    const isText = typeof content === "string" || content instanceof Uint8Array;
    writeFileSync(path, isText ? content : JSON.stringify(content));
  }

  stage(options: Partial<StageOptions> = {}, env: Readonly<Record<string, string>> = {}, disguise: (text: string) => string | undefined = () => undefined): Staging {
    const places = hostPlaces({ HOME: this.path, GIT_CONFIG_NOSYSTEM: "1", ...env }, this.project);
    return stage(places, stageOptions.parse(options), disguise);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** What of the staging lies at a path of the guest, as text. */
export function staged(staging: Staging, path: string): string | undefined {
  const file = staging.files.find((each) => each.path === path);
  return file && Buffer.from(file.content).toString("utf8");
}

/** The same as JSON. */
export function stagedJson(staging: Staging, path: string): Record<string, unknown> {
  return JSON.parse(staged(staging, path) ?? "{}") as Record<string, unknown>;
}
