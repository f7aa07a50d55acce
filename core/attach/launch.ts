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
  /** A variable for the command; two plugins that give one name different values are an error. */
  addEnvironment(name: string, value: string): void;
}

/** The finished draft: what is started, in the project, as the agent's user. */
export interface Launch {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}
