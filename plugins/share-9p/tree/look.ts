import { lstatSync, readlinkSync } from "node:fs";
import { below, parentOf, toBuffer, type Bytes } from "./bytes.ts";

/** What stands at a path. */
export type Kind = "file" | "directory" | "link" | "other" | "nothing";

const MOST_LINKS = 40;

/** What stands at a path of the tree, without following it if it is a link. */
export function kindAt(root: Bytes, path: Bytes): Kind {
  try {
    const stat = lstatSync(toBuffer(below(root, path)), { throwIfNoEntry: false });
    if (stat === undefined) return "nothing";
    if (stat.isSymbolicLink()) return "link";
    return stat.isDirectory() ? "directory" : stat.isFile() ? "file" : "other";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return "nothing";
    throw error;
  }
}

/** Where a path of the tree really leads. */
export interface Way {
  /** The links on the way, as paths of the tree. */
  readonly links: readonly Bytes[];
  /** The path without links; undefined when it leads out of the tree or in a circle. */
  readonly path: Bytes | undefined;
}

/** Follows a path of the tree through its links, within the tree; the last parts need not be there. */
export function follow(root: Bytes, path: Bytes): Way {
  const links: Bytes[] = [];
  let done: Bytes = "";
  const rest = path.split("/");
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (done === "") return { links, path: undefined };
      done = parentOf(done);
      continue;
    }
    const next = below(done, part);
    if (kindAt(root, next) !== "link") {
      done = next;
      continue;
    }
    links.push(next);
    if (links.length > MOST_LINKS) return { links, path: undefined };
    const target = readlinkSync(toBuffer(below(root, next)), "buffer").toString("latin1");
    if (target.startsWith("/")) {
      if (!`${target}/`.startsWith(`${root}/`)) return { links, path: undefined };
      done = "";
    }
    rest.unshift(...(target.startsWith("/") ? target.slice(root.length) : target).split("/"));
  }
  return { links, path: done };
}
