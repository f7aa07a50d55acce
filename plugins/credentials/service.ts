import type { LaidFile } from "./staging/lay-out.ts";

/** What credentials lend to an agent's plugin. It names where a secret will be, never the secret. */
export interface Credentials {
  /** The variable that will hold the API key's placeholder in the environment of the agent's command; undefined when there is no key. */
  readonly apiKeyVariable: string | undefined;
  /**
   * Has files written in the guest together with what is staged of the user's configuration, by one command; in `provision`, by a
   * plugin that comes before credentials.
   */
  lay(files: readonly LaidFile[]): void;
  /** What was laid so far. */
  laid(): readonly LaidFile[];
}

declare module "../../core/services.ts" {
  interface Services {
    credentials: Credentials;
  }
}
