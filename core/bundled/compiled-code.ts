import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { Script } from "node:vm";

/** Whose code it is. */
export interface Keeping {
  /** What kind of command runs: another one needs other functions. */
  readonly kind: string;
  /** What the scripts are named by. */
  readonly build: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface Head {
  /** The host's boot in which it was written. */
  readonly boot: string;
  readonly sum: string;
  readonly modules: number;
  readonly scripts: Readonly<Record<string, readonly [start: number, end: number]>>;
}

/** A command's kind takes one of up to 3 MB; there are some twenty kinds. */
const MOST_FILES = 40;
const MOST_LETTERS = 100;
const FORGOTTEN_MS = 10; // it takes 0.3 ms, or 25
const ALIGNED = 8; // V8 copies what is not

/**
 * What V8 compiled of the bundle's scripts, kept in the user's cache for the next start: compiling is a third of the time until a
 * command runs. Node's own cache holds no functions within functions, and never more than the first start compiled.
 */
export class CompiledCode {
  /** How many modules have run. */
  modules = 0;
  readonly #folder: string;
  readonly #file: string;
  readonly #scripts = new Map<string, Script>();
  #kept: { readonly head: Head; readonly data: Buffer } | undefined;
  #isLacking = false;
  #isOver = false;

  constructor({ kind, build, env }: Keeping) {
    const given = env["XDG_CACHE_HOME"];
    const cache = given !== undefined && isAbsolute(given) ? given : join(env["HOME"] ?? homedir(), ".cache");
    this.#folder = join(cache, "cloche", "compiled");
    this.#file = join(this.#folder, `${kind}-${build}-${process.version}-${process.arch}${process.execArgv.join("").replaceAll(/[^\w=.-]/g, "_").slice(0, MOST_LETTERS)}`);
    this.#kept = read(this.#file);
  }

  /** What was kept of a script. */
  of(name: string): Buffer | undefined {
    const place = this.#kept?.head.scripts[name];
    return place && this.#kept?.data.subarray(...place);
  }

  /** From now on the script's code is kept too. */
  add(name: string, script: Script): void {
    this.#scripts.set(name, script);
    if (script.cachedDataRejected === true) this.#kept = undefined;
  }

  /**
   * Runs a script that was added. V8 may have forgotten the outermost function by the time that all was written; then the whole text is
   * read here once more, at each start, for what takes no time otherwise.
   */
  run(script: Script): unknown {
    const began = performance.now();
    const result: unknown = script.runInThisContext();
    this.#isLacking ||= performance.now() - began > FORGOTTEN_MS;
    return result;
  }

  /**
   * Writes it when more has run than when it was last written, or when something was lacking. Once in a process: later V8 has forgotten
   * what ran at the start, and then what was kept is let go here too.
   */
  keep(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const head = this.#kept?.head;
    try {
      if (this.#isLacking || head?.boot !== bootId() || this.modules > head.modules || [...this.#scripts.keys()].some((name) => !(name in head.scripts))) this.#write();
    } catch {
      // a home that cannot be written to: the next start compiles again
    }
    this.#kept = undefined;
    this.#scripts.clear();
  }

  #write(): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    write(this.#file, this.modules, this.#scripts);
    forgetOldest(this.#folder);
  }
}

/**
 * V8 does not look closely at what it is given. What was written since the host was booted is as it was written; of what comes from before
 * that, a loss of power may have left a part.
 */
function read(file: string): { head: Head; data: Buffer } | undefined {
  try {
    const whole = readFileSync(file);
    const end = whole.indexOf("\n") + 1;
    const data = whole.subarray(end);
    const head = JSON.parse(whole.toString("latin1", 0, end)) as Head;
    return head.boot === bootId() || head.sum === sumOf(data) ? { head, data } : undefined;
  } catch {
    return undefined;
  }
}

/** Never a half of it under its name. */
function write(file: string, modules: number, scripts: ReadonlyMap<string, Script>): void {
  const parts: Buffer[] = [];
  const places: Record<string, [number, number]> = {};
  let at = 0;
  for (const [name, script] of scripts) {
    const data = script.createCachedData();
    const gap = Buffer.alloc((ALIGNED - (data.length % ALIGNED)) % ALIGNED);
    places[name] = [at, at + data.length];
    at += data.length + gap.length;
    parts.push(data, gap);
  }
  const all = Buffer.concat(parts);
  const head = JSON.stringify({ boot: bootId(), sum: sumOf(all), modules, scripts: places } satisfies Head);
  const padded = head.padEnd(Math.ceil((head.length + 1) / ALIGNED) * ALIGNED - 1);
  const next = `${file}.${process.pid}`;
  try {
    writeFileSync(next, Buffer.concat([Buffer.from(`${padded}\n`), all]), { flag: "wx", mode: 0o600 });
    renameSync(next, file);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
}

function sumOf(data: Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  } catch {
    return `${process.pid}`; // another system: everything is looked at
  }
}

/** Every build of ours and every version of Node has files of its own. */
function forgetOldest(folder: string): void {
  const ages = readdirSync(folder).map((name) => ({ path: join(folder, name), ms: statSync(join(folder, name)).mtimeMs }));
  for (const { path } of ages.sort((a, b) => b.ms - a.ms).slice(MOST_FILES)) rmSync(path, { recursive: true, force: true });
}
