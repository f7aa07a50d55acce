import { isBuiltin } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ownModules } from "../outside/lending.ts";
import { messageOf } from "../support/errors.ts";
import { fail } from "./failures.ts";

/**
 * The files that a module of the project imports, as absolute paths in the project. What cannot be known by reading is refused:
 * an import that is computed, a package, an address. (What Node finds even so is refused when it runs: see `holdInCopy`.)
 */
export async function importsIn(project: string, file: string, text: string): Promise<readonly string[]> {
  const refuse = (reason: string, cause?: unknown) => fail("TRUST_CODE_REFUSED", { file, reason }, { cause });
  const { init, parse } = await import("es-module-lexer");
  await init();
  let found: ReturnType<typeof parse>[0];
  try {
    [found] = parse(text, file);
  } catch (cause) {
    throw refuse(`it cannot be read as a module (${messageOf(cause).split("\n", 1)[0]})`, cause);
  }
  const files: string[] = [];
  for (const one of found) {
    if (one.type === "import-meta") continue;
    // `import type`, and `import("./x.ts").Y` where a type stands: nothing of it is left when it runs
    if (("typeOnly" in one && one.typeOnly) || ("probablyTypeOnly" in one && one.probablyTypeOnly)) continue;
    const specifier: unknown = one.specifier;
    if (typeof specifier !== "string") throw refuse("it computes what it imports, which nobody can know beforehand");
    const path = pathOf(project, file, specifier, refuse);
    if (path !== undefined) files.push(path);
  }
  return files;
}

function pathOf(project: string, file: string, specifier: string, refuse: (reason: string) => Error): string | undefined {
  if (isBuiltin(specifier) || Object.hasOwn(ownModules(), specifier)) return undefined;
  if (!/^\.{1,2}\//.test(specifier)) {
    throw refuse(`it imports "${specifier}"; of packages it can have cloche and zod, the rest has to lie in the project as files and be imported by relative paths`);
  }
  const url = new URL(specifier, pathToFileURL(file));
  if (url.search !== "" || url.hash !== "") throw refuse(`it imports "${specifier}", which is more than a path`);
  const path = fileURLToPath(url);
  if (!path.startsWith(`${project}/`)) throw refuse(`it imports "${specifier}", which lies outside of the project`);
  return path;
}
