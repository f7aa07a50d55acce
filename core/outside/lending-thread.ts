import type { ResolveHook } from "node:module";
import { holdInCopy, lentUrl, type Lending } from "./lending.ts";

let lending: Lending = { lent: {}, copies: [] };

/** Called by Node in the thread of its module hooks, with what `register` was given. */
export function initialize(given: Lending): void {
  lending = given;
}

/** The hook proper, for a Node that has none in the main thread. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  const url = lentUrl(lending, specifier);
  if (url !== undefined) return { url, shortCircuit: true };
  const found = await next(specifier, context);
  holdInCopy(lending, context.parentURL, found.url);
  return found;
};
