import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { Configuration } from "../../../core/config/configuration.ts";
import { loadConfiguration, type Loading } from "../../../core/config/load.ts";
import { definePlugin, type Plugin } from "../../../core/plugin.ts";

/** On by default, and nothing that a project may say of it. */
const guard = definePlugin({
  name: "guard",
  description: "Watches the door",
  onByDefault: true,
  options: z.strictObject({
    mode: z.enum(["strict", "open"]).default("strict").describe("How strict"),
    allow: z.array(z.string()).default([]).describe("Who may pass"),
    upstreams: z.record(z.string(), z.strictObject({ port: z.number() })).default({}).describe("Where names lead"),
    nested: z.strictObject({ depthLimit: z.number().default(3).describe("How deep") }).prefault({}),
    token: z.string().optional().describe("Something private").meta({ secret: true }),
  }),
});

/** Off by default; a project may switch it on and set one option, because both only tighten. */
const narrow = definePlugin({
  name: "narrow-er",
  section: "narrow",
  description: "Takes something away",
  options: z.strictObject({ level: z.number().default(1), wide: z.boolean().default(false) }),
  project: { enable: true, set: ["level"] },
});

/** On by default; a project may switch it off. */
const extra = definePlugin({
  name: "extra",
  description: "Adds something",
  onByDefault: true,
  options: z.strictObject({ source: z.string().default("here") }),
  project: { disable: true },
});

/** Off by default, and its options have no defaults. */
const demanding = definePlugin({
  name: "demanding",
  description: "Needs to be told",
  options: z.strictObject({ where: z.string() }),
});

const later = definePlugin({
  name: "later",
  description: "Not there yet",
  options: z.strictObject({}),
  unavailable: "it is not written yet.",
});

export const PLUGINS: readonly Plugin[] = [guard, narrow, extra, demanding, later];

/** A user's directories and a project, in a temporary directory that goes with the test. */
export class Place implements Disposable {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "cloche-config-")));
  readonly project = this.directory("project");
  readonly config = this.directory("config/cloche");
  readonly env: Record<string, string> = {
    HOME: this.directory("home"),
    XDG_CONFIG_HOME: join(this.root, "config"),
    XDG_CACHE_HOME: join(this.root, "cache"),
    XDG_STATE_HOME: join(this.root, "state"),
    XDG_RUNTIME_DIR: join(this.root, "runtime"),
  };

  directory(path: string): string {
    const full = join(this.root, path);
    mkdirSync(full, { recursive: true, mode: 0o755 });
    return full;
  }

  /** Writes a file below the root; what is no text is written as JSON. */
  file(path: string, content: unknown): string {
    const full = join(this.directory(dirname(path)), path.split("/").at(-1) ?? "");
    writeFileSync(full, typeof content === "string" || content instanceof Buffer ? content : JSON.stringify(content), { mode: 0o644 });
    return full;
  }

  user(values: unknown): string {
    return this.file("config/cloche/config.json", values);
  }

  asks(values: unknown): string {
    return this.file("project/.clocherc.json", values);
  }

  load(loading: Partial<Loading> = {}): Promise<Configuration> {
    const { project, env } = this;
    return loadConfiguration({ project, env, overrides: [], plugins: PLUGINS, purpose: "start", ...loading });
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** The failure that the work ends in; an error when it does not fail. */
export async function failureOf(work: Promise<unknown>): Promise<{ code: string; message: string; hint: string }> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error as { code: string; message: string; hint: string },
  );
  if (outcome === undefined) throw new Error("it did not fail");
  return outcome;
}

/** The value and the kind of source of one option. */
export function seen(configuration: Configuration, key: string): { value: unknown; from: string } | undefined {
  const entry = configuration.entries().find(({ option }) => option.key === key);
  return entry && { value: entry.value, from: entry.source.kind };
}
