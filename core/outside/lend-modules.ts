import * as module from "node:module";
import { extname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { holdInCopy, lentUrl, ownModules, type Lending } from "./lending.ts";

const folders: string[] = [];
let isLending = false;

/**
 * Lets modules from outside import `cloche`, `cloche/testing` and `zod` wherever they lie, and get those of the cloche that runs.
 * `copies` is the folder of the copies of trusted code, which stay among themselves.
 */
export function lendModules(copies?: string): void {
  if (copies !== undefined) folders.push(`${pathToFileURL(copies).href}/`);
  if (isLending) return;
  isLending = true;
  const lending: Lending = { lent: ownModules(), copies: folders };
  // Node has it since 22.15; before that only the slower way by another thread
  if (typeof module.registerHooks !== "function") {
    module.register(`./lending-thread${extname(fileURLToPath(import.meta.url))}`, import.meta.url, { data: lending });
    return;
  }
  module.registerHooks({
    resolve(specifier, context, next) {
      const url = lentUrl(lending, specifier);
      if (url !== undefined) return { url, shortCircuit: true };
      const found = next(specifier, context);
      holdInCopy(lending, context.parentURL, found.url);
      return found;
    },
  });
}
