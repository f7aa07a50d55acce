import { createHash, type Hash } from "node:crypto";
import { kindAt } from "../tree/look.ts";
import type { Bytes } from "../tree/bytes.ts";
import { standsAt } from "./base.ts";
import type { Base, Change } from "./change.ts";
import type { Hearer, Told } from "./frames.ts";
import type { ChangeStore } from "./store.ts";
import type { Writing } from "./vault.ts";

const MOST_CHANGES = 100_000;
const MOST_BYTES = 4 * 2 ** 30;
const LARGEST_BASE = 8 * 2 ** 20;

interface Arriving extends Told {
  readonly number: number;
  readonly hash: Hash;
  readonly writer: Writing | undefined;
  size: number;
}

/** Takes what the collector tells into the store, with what the host has there at that moment. Throws when it is too much. */
export class Receiver implements Hearer, Disposable {
  readonly #root: Bytes;
  readonly #store: ChangeStore;
  readonly #local: readonly Bytes[];
  readonly #onLook: (last: boolean) => void;
  #arriving: Arriving | undefined;
  #bytes = 0;
  /** Until the first look is complete: what was kept before and has not been seen in it. */
  #unseen: Set<Bytes>;
  /** Paths of which nothing can be kept: devices, pipes and sockets. */
  readonly refused = new Set<Bytes>();

  /**
   * `local` are the directories that are the guest's own: where they lie is none of its changes. `goesOn` when the store has changes of
   * before, of which only those count that are told again.
   */
  constructor(root: Bytes, store: ChangeStore, onLook: (last: boolean) => void, local: readonly Bytes[] = [], goesOn = false) {
    this.#unseen = new Set(goesOn ? store.changes.keys() : []);
    this.#root = root;
    this.#local = local;
    this.#store = store;
    this.#onLook = onLook;
  }

  begin(told: Told): void {
    const holds = told.type === "file" || told.type === "link";
    const number = holds ? this.#store.number() : 0;
    const writer = holds ? this.#store.vault.write(number) : undefined;
    this.#arriving = { ...told, number, writer, hash: createHash("sha256"), size: 0 };
  }

  content(chunk: Buffer): void {
    const arriving = this.#arriving;
    if (!arriving) return;
    this.#bytes += chunk.length;
    if (this.#bytes > MOST_BYTES) throw new Error("the changes take more than 4 GiB");
    arriving.hash.update(chunk);
    arriving.writer?.add(chunk);
    arriving.size += chunk.length;
  }

  end(): void {
    const arriving = this.#arriving;
    if (!arriving) return;
    arriving.writer?.end();
    this.#arriving = undefined;
    const { path, type } = arriving;
    this.#unseen.delete(path);
    const change = this.#changeOf(arriving);
    if (type === "other" && this.refused.size < 1000) this.refused.add(path);
    if (change === undefined) {
      if (arriving.writer) this.#store.vault.remove(arriving.number);
      return this.#store.unset(path);
    }
    if (this.#store.changes.size >= MOST_CHANGES) throw new Error(`there are more than ${MOST_CHANGES} changes`);
    this.#store.set(change);
  }

  /** Lets go of a file that did not come to its end. */
  [Symbol.dispose](): void {
    this.#arriving?.writer?.giveUp();
    this.#arriving = undefined;
  }

  looked(last: boolean): void {
    for (const path of this.#unseen) this.#store.unset(path);
    this.#unseen.clear();
    this.#onLook(last);
  }

  /** The change that this is; undefined when the host has the same. */
  #changeOf({ path, type, executable, number, hash, size }: Arriving): Change | undefined {
    if (type === "undone" || type === "other" || this.#local.some((own) => `${path}/`.startsWith(`${own}/`))) return undefined;
    if (type === "directory" && kindAt(this.#root, path) === "directory") return undefined;
    const base = this.#store.changes.get(path)?.base ?? this.#baseOf(path);
    const kind = type === "removed" ? "nothing" : type === "opaque" ? "directory" : type;
    const isSame = kind === base.kind && kind !== "directory";
    const digest = type === "file" || type === "link" ? hash.digest("hex") : "";
    if (isSame && (kind === "nothing" || (digest === base.hash && (kind === "link" || executable === base.executable)))) return undefined;
    return {
      path, kind, base, size, hash: digest,
      executable: kind === "file" && executable,
      replaces: type === "opaque" && base.kind === "directory",
      ...(digest !== "" && { blob: number }),
    };
  }

  #baseOf(path: Bytes): Base {
    const { base, content } = standsAt(this.#root, path);
    if (content === undefined || content.length > LARGEST_BASE) return base;
    const blob = this.#store.number();
    const writer = this.#store.vault.write(blob);
    writer.add(content);
    writer.end();
    return { ...base, blob };
  }
}
