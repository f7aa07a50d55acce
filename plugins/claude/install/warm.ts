import { json } from "../guest/files.ts";
import { managedSettings } from "../guest/settings.ts";
import { state } from "../guest/state.ts";

const HOME = "/run/cloche-warm-agent";
const SETTINGS = { ...managedSettings({ skipPermissions: true, apiKeyVariable: undefined }), apiKeyHelper: "echo none" };
const AGENT = `/usr/lib/cloche/enter agent ${HOME}`;
const RUN = [
  AGENT,
  `env HOME=${HOME} TMPDIR=${HOME} TERM=xterm-256color`,
  // it ends by itself once it has drawn its screen; one that does not know this is ended
  "CLAUDE_CODE_EXIT_AFTER_FIRST_RENDER=1 timeout -k 1 45",
].join(" ");

/**
 * Draws the agent's first screen once, for a user who has nothing: what that takes of its 381 MB, and of git, is in memory in each
 * session afterwards. Its home directory is a new one that goes, and it knows no key. Says nothing of the version, so that another one
 * makes no other image of the rest.
 */
export function warmAgent(): readonly string[] {
  const write = (name: string, values: Readonly<Record<string, unknown>>): string =>
    `printf %s '${json(values).replaceAll("'", `'\\''`)}' >${HOME}/${name}; chown agent: ${HOME}/${name}`;
  return [
    `install -d -o agent -g agent ${HOME} ${HOME}/.claude`,
    write(".claude.json", state({ project: HOME, version: "" })),
    write(".claude/settings.json", SETTINGS),
    `${RUN} sh -c "git init -q . && git status | wc -l; ps aux | grep -E none"`,
    `${RUN} script -qec 'claude --dangerously-skip-permissions' /dev/null </dev/null | wc -c`,
    // whatever it has left in the background must not go on in every session
    `${AGENT} sh -c "kill -KILL -1"; rm -rf ${HOME}`,
  ];
}
