import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import type { CommandIo, Invocation } from "../../../../core/index.ts";
import { hear } from "../../../../plugins/share-9p/review/frames.ts";
import { Receiver } from "../../../../plugins/share-9p/review/receive.ts";
import { ChangeStore } from "../../../../plugins/share-9p/review/store.ts";

/** What the collector in the guest says of a path. */
export function told(type: string, path: string, content?: string | Buffer, mode = 0o644): Buffer {
  const head = `R ${type} ${mode} ${Buffer.from(path, "latin1").toString("hex")}\n`;
  if (content === undefined) return Buffer.from(head);
  const bytes = Buffer.from(content);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 65_536) chunks.push(Buffer.from(`C ${Math.min(65_536, bytes.length - at)}\n`), bytes.subarray(at, at + 65_536));
  return Buffer.concat([Buffer.from(head), ...chunks, Buffer.from("C 0\n")]);
}

/** A project on the host, the user's state directory, and a guest that says what it changed. */
export class ReviewPlace implements Disposable {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "cloche-review-")));
  readonly project = join(this.folder, "project");
  readonly printed: string[] = [];
  answers: boolean[] = [];

  constructor() {
    mkdirSync(this.project);
    mkdirSync(join(this.folder, "home"));
  }

  put(path: string, content: string | Buffer, mode = 0o644): void {
    mkdirSync(dirname(join(this.project, path)), { recursive: true });
    writeFileSync(join(this.project, path), content, { mode });
  }

  /** A session that told this and has ended. */
  async session(...frames: readonly Buffer[]): Promise<ChangeStore> {
    const store = ChangeStore.make(this.state, this.project, "one");
    await hear(Readable.from([Buffer.concat([...frames, Buffer.from("F\n")])]), new Receiver(this.project, store, () => {}));
    return store;
  }

  /** The same session, which goes on from when it was suspended or from a snapshot of it. */
  async goesOn(...frames: readonly Buffer[]): Promise<ChangeStore | undefined> {
    const store = ChangeStore.goOn(this.state, this.project, "one");
    if (store) await hear(Readable.from([Buffer.concat([...frames, Buffer.from("E\nF\n")])]), new Receiver(this.project, store, () => {}, [], true));
    return store;
  }

  get state(): string {
    return join(this.folder, "state/cloche");
  }

  /** Runs a command as the command line would. Answers its status. */
  async run(load: () => Promise<{ default: (invocation: Invocation) => Promise<number> }>, words: readonly string[] = [], options: Readonly<Record<string, string | true>> = {}): Promise<number> {
    const io = {
      stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(),
      print: (line: string) => void this.printed.push(line),
      printJson: (value: unknown) => void this.printed.push(JSON.stringify(value)),
      warn: (line: string) => void this.printed.push(line),
      ask: async () => this.answers.shift() ?? false,
    } as unknown as CommandIo;
    const flags = { has: (name: string) => name in options, value: (name: string) => (typeof options[name] === "string" ? options[name] : undefined), all: [] };
    const env = { HOME: join(this.folder, "home"), XDG_STATE_HOME: join(this.folder, "state"), XDG_RUNTIME_DIR: join(this.folder, "run") };
    const { default: command } = await load();
    return await command({ flags, words, rest: [], env, directory: this.project, io, signal: new AbortController().signal } as unknown as Invocation);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
