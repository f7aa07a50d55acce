/**
 * A name or path as the file system has it, one character (U+0000 to U+00FF) for each byte, so that names that are no UTF-8 are
 * strings like all others.
 */
export type Bytes = string;

/** The bytes for a call of the system. */
export function toBuffer(path: Bytes): Buffer {
  return Buffer.from(path, "latin1");
}

/** The bytes of a text, such as a path from the configuration. */
export function bytesOf(text: string): Bytes {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** The text for people; escape it before it is shown. */
export function textOf(path: Bytes): string {
  return toBuffer(path).toString("utf8");
}

/** The directory that a relative path lies in, "" for the top. */
export function parentOf(path: Bytes): Bytes {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** The last part of a path. */
export function nameOf(path: Bytes): Bytes {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A path below a directory, of which "" is the top. */
export function below(directory: Bytes, path: Bytes): Bytes {
  return directory === "" ? path : `${directory}/${path}`;
}
