import { join } from "node:path";
import { completionScript, SHELLS, type Shell } from "../cli/completion/scripts.ts";
import { fail } from "../cli/failures.ts";
import { packageRoot } from "../support/package-root.ts";
import type { Invocation } from "./command.ts";

/** `cloche completion SHELL`: what the shell has to load so that Tab completes our command lines. */
export default async function completion({ words, io }: Invocation): Promise<number> {
  const [shell = ""] = words;
  if (!isShell(shell)) throw fail("USAGE_SHELL_UNKNOWN", { shell, known: SHELLS.join(", ") });
  io.print(completionScript(shell, join(packageRoot(), "bin/cloche")));
  return 0;
}

function isShell(word: string): word is Shell {
  return (SHELLS as readonly string[]).includes(word);
}
