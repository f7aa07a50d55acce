import type { Placeholder } from "../frozen/placeholders.ts";
import type { Loan } from "../lend.ts";
import { bytesOf, textOf, type Bytes } from "../tree/bytes.ts";
import { FOLDER, includedFor, type GuestText } from "./guest-files.ts";

const IGNORES = "/home/agent/.config/git/ignore";
const NEEDS_ESCAPE = /[*?[\]\\]| $/g;

/**
 * What has git in the guest pass over what stands in for frozen files in the project's own repository, since it can remove none of them:
 * `git clean -d` and `git stash -u` would try, and fail. Undefined when git's configuration cannot name the repository.
 */
export function unseenByGit({ target, local }: Pick<Loan, "target" | "local">, made: readonly (readonly [Bytes, Placeholder])[]): readonly GuestText[] | undefined {
  const included = includedFor(`${target}/.git`, `${FOLDER}/stand-ins`);
  const [path, mode] = [`${FOLDER}/ignore`, 0o644];
  // only one file of ignores can be named, so that it has the agent's own in it
  return included && [
    { how: "write", path: `${FOLDER}/stand-ins`, text: `[core]\n\texcludesFile = ${path}\n`, mode },
    { how: "copy", path, text: IGNORES, mode },
    ignoredByGit(made, local),
    included,
  ];
}

/** What is added to the ignores alone, when more stands in than before: that, and the guest's own directories, of which the host has nothing. */
export function ignoredByGit(made: readonly (readonly [Bytes, Placeholder])[], local: readonly string[]): GuestText {
  const own = local.map((path) => [bytesOf(path), "directory"] as const);
  const isAboveOne = (path: Bytes): boolean => own.some(([directory]) => directory.startsWith(`${path}/`));
  const named = [...own, ...made.filter(([path]) => isNameable(path) && !isAboveOne(path))];
  const patterns = named.map(([path, placeholder]) => `/${textOf(path).replaceAll(NEEDS_ESCAPE, "\\$&")}${placeholder === "directory" ? "/" : ""}\n`);
  return { how: "append", path: `${FOLDER}/ignore`, text: `\n${patterns.join("")}`, mode: 0o644 };
}

/** Outside of git's own directory, and in a form that a line of text has. */
function isNameable(path: Bytes): boolean {
  return !path.includes("\n") && path.split("/")[0] !== ".git" && bytesOf(textOf(path)) === path;
}
