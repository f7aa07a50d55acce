import { fail } from "../failures.ts";
import type { Launch, LaunchDraft, LaunchRequest } from "./launch.ts";

/** Collects what plugins say of the launch and yields the command, or says what is missing. */
export class LaunchCollector implements LaunchDraft {
  readonly request: LaunchRequest;
  readonly project: string;
  #agent: { readonly name: string; readonly argv: readonly string[] } | undefined;
  readonly #env = new Map<string, string>();

  constructor(request: LaunchRequest, project: string) {
    this.request = request;
    this.project = project;
  }

  setAgent(name: string, argv: readonly string[]): void {
    if (this.#agent) throw fail("AGENT_TWICE", { first: this.#agent.name, second: name });
    this.#agent = { name, argv };
  }

  addEnvironment(name: string, value: string): void {
    const present = this.#env.get(name);
    if (present !== undefined && present !== value) throw fail("ENVIRONMENT_CONFLICT", { name });
    this.#env.set(name, value);
  }

  /** The command to start; throws AGENT_MISSING when the user asked for an agent and there is none. */
  finish(): Launch {
    return { argv: this.#argv(), env: Object.fromEntries(this.#env) };
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
