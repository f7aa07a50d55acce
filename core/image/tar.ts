const BLOCK = 512;
const NAME_BYTES = 100;

/** A file to put into a tar archive; owned by root. */
export interface TarFile {
  /** Path with or without a leading slash. */
  readonly path: string;
  readonly content: string;
  readonly mode?: number;
}

/** A tar archive in GNU's format: small trees made from nothing, with modes that no umask can change. */
export function tarOf(files: readonly TarFile[]): Buffer {
  const entries = files.flatMap(({ path, content, mode = 0o644 }) => {
    const name = Buffer.from(path.replace(/^\/+/, ""));
    const long = name.length > NAME_BYTES ? entry(Buffer.from("././@LongLink"), Buffer.concat([name, Buffer.alloc(1)]), 0, "L") : [];
    return [...long, ...entry(name, Buffer.from(content), mode, "0")];
  });
  return Buffer.concat([...entries, Buffer.alloc(2 * BLOCK)]);
}

function entry(name: Buffer, content: Buffer, mode: number, type: string): Buffer[] {
  const header = Buffer.alloc(BLOCK);
  name.copy(header, 0, 0, NAME_BYTES);
  header.write(octal(mode, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(content.length, 12), 124);
  header.write(octal(0, 12), 136);
  header.write(" ".repeat(8), 148);
  header.write(type, 156);
  header.write("ustar  \0", 257, "latin1");
  header.write("root", 265);
  header.write("root", 297);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return [header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, "0")}\0`;
}
