import { json } from "../guest/files.ts";
import { managedSettings } from "../guest/settings.ts";
import { state } from "../guest/state.ts";

const HOME = "/run/cloche-warm-agent";
const SETTINGS = { ...managedSettings({ skipPermissions: true, apiKeyVariable: undefined }), apiKeyHelper: "echo none" };
const AGENT = `/usr/lib/cloche/enter agent ${HOME}`;
const ENVIRONMENT = `env HOME=${HOME} TMPDIR=${HOME} TERM=xterm-256color`;
const MOST_S = 45;
const SCREEN_BYTES = 400; // its first screen has some 1,200; before it come a few that set up the terminal
const STILL_S = 3; // it draws and works on while it waits for its user; then it is done
// nothing that it draws says so, and no setting makes it end
const UNTIL_IT_IS_STILL = `exec 3< <(script -qec "claude --dangerously-skip-permissions" /dev/null </dev/null); IFS= read -rd "" -n ${SCREEN_BYTES} -t ${MOST_S} -u 3 _ && while IFS= read -rd "" -n 1 -t ${STILL_S} -u 3 _; do :; done`;

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
    `${AGENT} ${ENVIRONMENT} sh -c "git init -q . && git status | wc -l; ps aux | grep -E none"`,
    `${AGENT} ${ENVIRONMENT} timeout -k 1 ${MOST_S + STILL_S} bash -c '${UNTIL_IT_IS_STILL}'`,
    // whatever it has left in the background must not go on in every session
    `${AGENT} sh -c "kill -KILL -1"; rm -rf ${HOME}`,
  ];
}
