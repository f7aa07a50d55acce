import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { isInside } from "./tree.ts";

/** Where the user's configuration lies on the host. */
export interface HostPlaces {
  readonly home: string;
  /** Real path of the agent's configuration directory; undefined when there is none. */
  readonly agentConfig: string | undefined;
  /** Why nothing of the agent's configuration is taken, when it is there. */
  readonly agentRefused: string | undefined;
  /** The agent's state, `~/.claude.json`. */
  readonly agentState: string;
  readonly gitConfig: GitPlaces;
  /** Real path of the project. */
  readonly project: string;
}

/** Where git would look for its configuration. */
export interface GitPlaces {
  /** In the order in which later ones win. */
  readonly files: readonly string[];
  /** Where the ignores lie when no configuration says so. */
  readonly ignores: string;
}

/** Where things lie in the guest. */
export const GUEST = { home: "/home/agent", agentConfig: "/home/agent/.claude", agentState: "/home/agent/.claude.json" } as const;

/** Finds the places by the few variables of the host's environment that name them: HOME, CLAUDE_CONFIG_DIR, XDG_CONFIG_HOME and git's own. */
export function hostPlaces(env: Readonly<Record<string, string | undefined>>, project: string): HostPlaces {
  const home = absolute(env["HOME"]) ?? homedir();
  const moved = absolute(env["CLAUDE_CONFIG_DIR"]);
  const agentConfig = realOf(moved ?? join(home, ".claude"));
  const isInProject = agentConfig !== undefined && (agentConfig === project || isInside(agentConfig, project));
  const xdg = absolute(env["XDG_CONFIG_HOME"]) ?? join(home, ".config");
  const system = env["GIT_CONFIG_NOSYSTEM"] ? [] : [absolute(env["GIT_CONFIG_SYSTEM"]) ?? "/etc/gitconfig"];
  const global = absolute(env["GIT_CONFIG_GLOBAL"]);
  return {
    home,
    agentConfig: isInProject ? undefined : agentConfig,
    agentRefused: isInProject ? "your configuration directory lies in the project, where the agent and the checkout can write" : undefined,
    agentState: join(moved ?? home, ".claude.json"),
    gitConfig: {
      files: [...system, ...(global === undefined ? [join(xdg, "git/config"), join(home, ".gitconfig")] : [global])],
      ignores: join(xdg, "git/ignore"),
    },
    project,
  };
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
