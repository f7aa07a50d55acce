import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** Where modules from outside get what we lend them, and how far they may reach. All are URLs. */
export interface Lending {
  /** What a name that we lend stands for: `cloche`, `cloche/testing`, and the zod that we check options with. */
  readonly lent: Readonly<Record<string, string>>;
  /** Folders of copies of trusted code: what lies in one folder below them imports nothing from beyond that one. */
  readonly copies: readonly string[];
}

/** Our own modules by the names under which others import them: of the copy of cloche that is running. */
export function ownModules(): Lending["lent"] {
  const ending = extname(fileURLToPath(import.meta.url));
  return {
    cloche: new URL(`../index${ending}`, import.meta.url).href,
    "cloche/testing": new URL(`../../testing/index${ending}`, import.meta.url).href,
    // bundled, it is beside us (scripts/bootstrap/bundle.mjs)
    zod: ending === ".js" ? new URL("zod.js", import.meta.url).href : import.meta.resolve("zod"),
  };
}

/** The URL that a lent name means; undefined for every other one. */
export function lentUrl({ lent }: Lending, specifier: string): string | undefined {
  return Object.hasOwn(lent, specifier) ? lent[specifier] : undefined;
}

/** Throws when a module of a copy imports from outside of that copy: such a file is not what was trusted. */
export function holdInCopy({ copies, lent }: Lending, parent: string | undefined, url: string): void {
  const folder = copies.find((candidate) => parent?.startsWith(candidate));
  if (folder === undefined || parent === undefined) return;
  const unit = parent.slice(0, parent.indexOf("/", folder.length) + 1);
  if (url.startsWith(unit) || url.startsWith("node:") || Object.values(lent).includes(url)) return;
  throw new Error(`${parent.slice(unit.length)} imports ${url}, which was not trusted with it`);
}
