import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A content that is being written: either ended or given up. */
export interface Writing {
  add(chunk: Buffer): void;
  end(): void;
  giveUp(): void;
}

/** Numbered contents on disk, encrypted (AES-256-GCM) with a key beside them, so that nothing but us reads what a guest wrote. */
export class Vault {
  readonly #folder: string;
  readonly #key: Buffer;

  private constructor(folder: string, key: Buffer) {
    this.#folder = folder;
    this.#key = key;
  }

  /** Makes a vault in a folder of its own. */
  static make(folder: string): Vault {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const key = randomBytes(32);
    writeFileSync(join(folder, "key"), key, { mode: 0o600 });
    return new Vault(folder, key);
  }

  /** Opens one that is there. */
  static open(folder: string): Vault {
    return new Vault(folder, readFileSync(join(folder, "key")));
  }

  /** Begins to write a content piece by piece. */
  write(number: number): Writing {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.#key, iv);
    const fd = openSync(this.#file(number), "wx", 0o600);
    writeAll(fd, iv);
    return {
      add: (chunk) => writeAll(fd, cipher.update(chunk)),
      end() {
        writeAll(fd, cipher.final());
        writeAll(fd, cipher.getAuthTag());
        closeSync(fd);
      },
      giveUp: () => {
        closeSync(fd);
        this.remove(number);
      },
    };
  }

  /** A content; throws when it was not written by us, or not to its end. */
  read(number: number): Buffer {
    const all = readFileSync(this.#file(number));
    const decipher = createDecipheriv("aes-256-gcm", this.#key, all.subarray(0, IV_BYTES));
    decipher.setAuthTag(all.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(all.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
  }

  remove(number: number): void {
    rmSync(this.#file(number), { force: true });
  }

  #file(number: number): string {
    return join(this.#folder, `${number}`);
  }
}

/** A disk that fills takes the first part of a write without a word. */
function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}
