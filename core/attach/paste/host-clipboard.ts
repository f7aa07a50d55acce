import { execFile } from "node:child_process";
import { logger } from "../../support/log.ts";
import { findProgram } from "../../support/programs.ts";
import { IMAGE_TYPES, imageTypeOf } from "./image-type.ts";

/** An image from the user's clipboard. */
export interface PastedImage {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Largest image that is taken from the clipboard, in bytes: more than any agent's service takes. */
export const LARGEST_IMAGE = 20 * 1024 * 1024;
const DEADLINE_MS = 3_000;
const log = logger("paste");
// Where systems and Homebrew put programs; never the PATH, which may hold a directory of the project.
const DIRECTORIES: readonly string[] = ["/usr/bin", "/bin", "/usr/local/bin", "/opt/homebrew/bin"];
const PASSED: readonly string[] = ["DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "HOME"];

/** Where clipboards are looked for. */
export interface ClipboardPlace {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform;
  /** Directories of programs; the system's when not given. */
  readonly directories?: readonly string[];
}

/** A program that reads a clipboard: which types there are, and one of them. */
interface Reader {
  readonly program: string;
  readonly list: readonly string[];
  read(type: string): readonly string[];
}

const WAYLAND: Reader = { program: "wl-paste", list: ["--list-types"], read: (type) => ["--no-newline", "--type", type] };
const X11: Reader = {
  program: "xclip",
  list: ["-selection", "clipboard", "-o", "-t", "TARGETS"],
  read: (type) => ["-selection", "clipboard", "-o", "-t", type],
};

/** The image on the user's clipboard, checked by how it begins; undefined when there is none. Never throws. */
export async function readClipboardImage(place: ClipboardPlace): Promise<PastedImage | undefined> {
  try {
    const bytes = (place.platform ?? process.platform) === "darwin" ? await readMac(place) : await readLinux(place);
    const type = bytes && imageTypeOf(bytes);
    return bytes && type !== undefined ? { type, bytes } : undefined;
  } catch (error) {
    log("%s", error); // an empty clipboard, or no program for it
    return undefined;
  }
}

async function readLinux(place: ClipboardPlace): Promise<Buffer | undefined> {
  const { env } = place;
  for (const reader of [env["WAYLAND_DISPLAY"] ? WAYLAND : undefined, env["DISPLAY"] ? X11 : undefined]) {
    const path = reader && find(reader.program, place);
    if (!path) continue;
    const types = (await run(path, reader.list, place).catch(() => Buffer.alloc(0))).toString("latin1").split("\n");
    const type = IMAGE_TYPES.find((wanted) => types.includes(wanted));
    if (type !== undefined) return await run(path, reader.read(type), place);
  }
  return undefined;
}

async function readMac(place: ClipboardPlace): Promise<Buffer | undefined> {
  const pngpaste = find("pngpaste", place);
  if (pngpaste !== undefined) return await run(pngpaste, ["-"], place);
  const osascript = find("osascript", place);
  if (osascript === undefined) return undefined;
  // it prints «data PNGf89504E47…»
  const text = (await run(osascript, ["-e", "the clipboard as «class PNGf»"], place)).toString("utf8");
  return Buffer.from(/«data PNGf([0-9A-F]*)»/.exec(text)?.[1] ?? "", "hex");
}

function find(program: string, { directories = DIRECTORIES }: ClipboardPlace): string | undefined {
  return findProgram(program, directories);
}

async function run(path: string, args: readonly string[], { env }: ClipboardPlace): Promise<Buffer> {
  const passed = Object.fromEntries(PASSED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  // hexadecimal takes twice the room
  const options = { encoding: "buffer", timeout: DEADLINE_MS, killSignal: "SIGKILL", maxBuffer: 2 * LARGEST_IMAGE, env: passed, cwd: "/" } as const;
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    execFile(path, [...args], options, (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });
  if (bytes.length > 2 * LARGEST_IMAGE) throw new Error("more than an image");
  return bytes;
}
