/** What the user wants to run in the guest. */
export type LaunchRequest =
  | { readonly kind: "agent"; readonly args: readonly string[] }
  | { readonly kind: "shell" }
  | { readonly kind: "exec"; readonly argv: readonly string[] };

/** What the `attach` hook hands to plugins, just before the user's command starts. It only grows. */
export interface LaunchDraft {
  readonly request: LaunchRequest;
  /** Absolute path of the project, the same in the guest. */
  readonly project: string;
  /** The agent's name and command line, for a request of kind "agent"; a second one is an error that names both. */
  setAgent(name: string, argv: readonly string[]): void;
  /** A variable for every command of the session; two plugins that give one name different values are an error. */
  addEnvironment(name: string, value: string): void;
  /** A variable for the agent alone, such as its key; commands and shells do not get it. */
  addAgentEnvironment(name: string, value: string): void;
}

/** The finished draft: what is started, in the project, as the agent's user. */
export interface Launch {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The part of `env` that every later command of the session gets too. */
  readonly commonEnv: Readonly<Record<string, string>>;
}
