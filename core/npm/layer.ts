import type { RecipeLayer } from "../image/recipe.ts";
import type { SessionFacts } from "../plugin.ts";
import { fail } from "./failures.ts";
import { titleOf, type NpmPackage } from "./package.ts";

/** A part of an image that is made from one package of the npm registry. */
export interface NpmLayer {
  /** Name of the layer. */
  readonly name: string;
  readonly from: NpmPackage;
  /** Folder of the cache for its tarball. */
  readonly store: string;
  /** What is taken out of the tarball, and where it goes in the guest. */
  readonly members: readonly { readonly path: string; readonly to: string; readonly isProgram?: boolean }[];
  /** Links to add, by their paths in the guest; a file of the package that one leads to is a program. */
  readonly links?: Readonly<Record<string, string>>;
}

/** Such a part, for a recipe. The host's npm fetches the package when an image needs it, and its checksum decides. */
export function npmLayer({ name, from, store, members, links = {} }: NpmLayer, session: SessionFacts): RecipeLayer {
  return {
    name,
    key: { package: from.packageName, version: from.version, integrity: from.integrity, laidOut: JSON.stringify({ members, links }) },
    async make(tree, reach) {
      const { signal } = reach;
      const update = (fraction: number | undefined, detail?: string): void => reach.update(fraction, detail);
      // what only an image that has to be made needs is loaded then: a start that finds its image is faster for it
      const [{ obtainTarball }, { unpackMember, linkInTree }] = await Promise.all([import("./tarball.ts"), import("./unpack.ts")]);
      const what = titleOf(from);
      try {
        const tarball = await obtainTarball(from, store, session, { signal, update });
        update(undefined, `unpacking ${what}`);
        for (const member of members) await unpackMember(tarball, member, tree, what, signal);
        for (const [path, target] of Object.entries(links)) await linkInTree(tree, path, target);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
        throw fail("NPM_NO_SPACE", { what, directory: session.cacheDir }, { cause: error });
      }
    },
  };
}
