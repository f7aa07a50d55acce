import { npmLayer, type NpmPackage, type RecipeLayer, type SessionFacts } from "../../../core/index.ts";
import { storeIn } from "./find-release.ts";

/** The agent as a part of the image with a life of its own, so that a new version rebuilds nothing else. */
export function agentLayer(release: NpmPackage, session: SessionFacts): RecipeLayer {
  const members = [{ path: "package/claude", to: "/usr/local/bin/claude", isProgram: true }];
  return npmLayer({ name: "claude", from: release, store: storeIn(session.cacheDir), members }, session);
}
