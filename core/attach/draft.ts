import { fail } from "../failures.ts";
import type { Launch, LaunchDraft, LaunchRequest } from "./launch.ts";

/** Collects what plugins say of the launch and yields the command, or says what is missing. */
export class LaunchCollector implements LaunchDraft {
  readonly request: LaunchRequest;
  readonly project: string;
  #agent: { readonly name: string; readonly argv: readonly string[] } | undefined;
  readonly #common = new Map<string, string>();
  readonly #agents = new Map<string, string>();

  readonly #defaults: Readonly<Record<string, string>>;

  /** The defaults are variables that any plugin may set otherwise. */
  constructor(request: LaunchRequest, project: string, defaults: Readonly<Record<string, string>> = {}) {
    this.request = request;
    this.project = project;
    this.#defaults = defaults;
  }

  setAgent(name: string, argv: readonly string[]): void {
    if (this.#agent) throw fail("AGENT_TWICE", { first: this.#agent.name, second: name });
    this.#agent = { name, argv };
  }

  addEnvironment(name: string, value: string): void {
    this.#add(this.#common, name, value);
  }

  addAgentEnvironment(name: string, value: string): void {
    this.#add(this.#agents, name, value);
  }

  /** The command to start; throws AGENT_MISSING when the user asked for an agent and there is none. */
  finish(): Launch {
    const commonEnv = { ...this.#defaults, ...Object.fromEntries(this.#common) };
    const env = this.request.kind === "agent" ? { ...commonEnv, ...Object.fromEntries(this.#agents) } : commonEnv;
    return { argv: this.#argv(), env, commonEnv };
  }

  #add(variables: Map<string, string>, name: string, value: string): void {
    const present = this.#common.get(name) ?? this.#agents.get(name);
    if (present !== undefined && present !== value) throw fail("ENVIRONMENT_CONFLICT", { name });
    variables.set(name, value);
  }

  #argv(): readonly string[] {
    switch (this.request.kind) {
      case "exec":
        return this.request.argv;
      case "shell":
        return [];
      case "agent":
        if (!this.#agent) throw fail("AGENT_MISSING", {});
        return this.#agent.argv;
    }
  }
}
