/** What credentials lend to an agent's plugin. It names where a secret will be, never the secret. */
export interface Credentials {
  /** The variable that will hold the API key in the environment of the agent's command; undefined when there is no key. */
  readonly apiKeyVariable: string | undefined;
}

declare module "../../core/services.ts" {
  interface Services {
    credentials: Credentials;
  }
}
