import { discoverPlugins } from "../config/discover.ts";
import { loadConfiguration } from "../config/load.ts";
import type { Considered } from "../trust/consider.ts";
import { fail } from "../trust/failures.ts";
import type { TrustRequest } from "../trust/request.ts";
import type { Invocation } from "./command.ts";
import { overridesOf } from "./overrides-of.ts";
import { projectOf } from "./project-of.ts";

/** What the current project asks for, and what is known of the user's answer. Nothing of it is asked about here. */
export async function considerHere(invocation: Invocation): Promise<{ readonly project: string; readonly considered: Considered }> {
  const project = await projectOf(invocation);
  const plugins = await discoverPlugins();
  const { trust } = await loadConfiguration({ project, env: invocation.env, overrides: overridesOf(invocation), plugins, purpose: "judge" });
  const nothing: Considered = { request: undefined, answer: "none", kept: undefined, layer: { source: { kind: "project", where: "" }, values: {} }, plugins: [] };
  return { project, considered: trust ?? nothing };
}

/** The request that the user means to answer. Throws TRUST_NOTHING_ASKED, and TRUST_HASH_WRONG when he saw another one. */
export async function requestHere(invocation: Invocation): Promise<TrustRequest> {
  const { project, considered } = await considerHere(invocation);
  const { request } = considered;
  if (request === undefined) throw fail("TRUST_NOTHING_ASKED", { project });
  const [given] = invocation.words;
  if (given !== undefined && given !== request.hash) throw fail("TRUST_HASH_WRONG", { given, hash: request.hash, project });
  return request;
}
