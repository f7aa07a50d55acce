import type { Bytes } from "../tree/bytes.ts";
import type { Change } from "./change.ts";
import { hunksBetween, isText } from "./patch.ts";

/** A change as a part of a patch that git can apply, one character for each byte. `before` is undefined when it was not kept. */
export function patchOf({ path, kind, executable, base }: Change, before: Buffer | undefined, after: Buffer): Bytes {
  if (kind === "directory" || base.kind === "directory" || base.kind === "other") return `# ${quoted(path)}: a directory${kind === "nothing" ? " is removed" : ""}\n`;
  const [from, to] = [modeOf(base.kind, base.executable), modeOf(kind, executable)];
  const name = [quoted(`a/${path}`), quoted(`b/${path}`)];
  const modes = from === "" ? [`new file mode ${to}`] : to === "" ? [`deleted file mode ${from}`] : from === to ? [] : [`old mode ${from}`, `new mode ${to}`];
  const head = [`diff --git ${name[0]} ${name[1]}`, ...modes].join("\n");
  if (base.kind === "file" && before === undefined) return `${head}\n# too big to be shown\n`;
  if ((before !== undefined && !isText(before)) || (kind !== "nothing" && !isText(after))) return `${head}\nBinary files differ\n`;
  const hunks = hunksBetween(before?.toString("latin1") ?? "", kind === "nothing" ? "" : after.toString("latin1"));
  if (hunks.length === 0) return `${head}\n`;
  return `${head}\n--- ${from === "" ? "/dev/null" : name[0]}\n+++ ${to === "" ? "/dev/null" : name[1]}\n${hunks.map(({ text }) => text).join("")}`;
}

function modeOf(kind: string, executable: boolean): string {
  return kind === "link" ? "120000" : kind === "nothing" ? "" : executable ? "100755" : "100644";
}

/** A name as git writes it in patches: in quotes and with octal numbers when there is anything odd in it. */
function quoted(path: Bytes): string {
  if (/^[\x20-\x7e]*$/.test(path) && !/["\\]/.test(path)) return path;
  return `"${path.replace(/[^\x20-\x7e]|["\\]/g, (byte) => (byte === '"' || byte === "\\" ? `\\${byte}` : `\\${byte.charCodeAt(0).toString(8).padStart(3, "0")}`))}"`;
}
