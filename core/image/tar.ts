const BLOCK = 512;
const NAME_BYTES = 100;
const ROOT: TarOwner = { id: 0, name: "root" };

/** Whom an entry belongs to; group and user are alike. */
export interface TarOwner {
  readonly id: number;
  readonly name: string;
}

/** A file to put into a tar archive. */
export interface TarFile {
  /** Path with or without a leading slash. */
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly mode?: number;
  /** Root when not given. */
  readonly owner?: TarOwner;
  /** It is a directory, without content. */
  readonly directory?: boolean;
}

/** A tar archive in GNU's format: small trees made from nothing, with modes that no umask can change. */
export function tarOf(files: readonly TarFile[]): Buffer {
  const entries = files.flatMap(({ path, content, directory = false, mode = directory ? 0o755 : 0o644, owner = ROOT }) => {
    const name = Buffer.from(path.replace(/^\/+/, ""));
    const long = name.length > NAME_BYTES ? entry(Buffer.from("././@LongLink"), Buffer.concat([name, Buffer.alloc(1)]), 0, "L", ROOT) : [];
    return [...long, ...entry(name, Buffer.from(content), mode, directory ? "5" : "0", owner)];
  });
  return Buffer.concat([...entries, Buffer.alloc(2 * BLOCK)]);
}

function entry(name: Buffer, content: Buffer, mode: number, type: string, owner: TarOwner): Buffer[] {
  const header = Buffer.alloc(BLOCK);
  name.copy(header, 0, 0, NAME_BYTES);
  header.write(octal(mode, 8), 100);
  header.write(octal(owner.id, 8), 108);
  header.write(octal(owner.id, 8), 116);
  header.write(octal(content.length, 12), 124);
  header.write(octal(0, 12), 136);
  header.write(" ".repeat(8), 148);
  header.write(type, 156);
  header.write("ustar  \0", 257, "latin1");
  header.write(owner.name, 265);
  header.write(owner.name, 297);
  let sum = 0;
  for (let at = 0; at < BLOCK; at += 1) sum += header[at] ?? 0;
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return [header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, "0")}\0`;
}
