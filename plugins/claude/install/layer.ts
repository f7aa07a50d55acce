import type { RecipeLayer, SessionFacts } from "../../../core/index.ts";
import { fail } from "../failures.ts";
import type { Update } from "./download-progress.ts";
import { titleOf, type Release } from "./release.ts";

/** The agent as a part of the image with a life of its own, so that a new version rebuilds nothing else. */
export function agentLayer(release: Release, session: SessionFacts): RecipeLayer {
  return {
    name: "claude",
    key: { package: release.packageName, version: release.version, integrity: release.integrity },
    async make(tree, reach) {
      const { signal } = reach;
      const update: Update = (fraction, detail) => reach.update(fraction, detail);
      // what only an image that has to be made needs is loaded then: a start that finds its image is faster for it
      const [{ obtainTarball }, { unpackProgram }] = await Promise.all([import("./tarball.ts"), import("./unpack.ts")]);
      try {
        const tarball = await obtainTarball(release, session, { signal, update });
        update(undefined, `unpacking Claude Code ${release.version}`);
        await unpackProgram(tarball, tree, titleOf(release), signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
        throw fail("CLAUDE_NO_SPACE", { what: titleOf(release), directory: session.cacheDir }, { cause: error });
      }
    },
  };
}
