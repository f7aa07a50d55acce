import { isFailure, type Services } from "../../core/index.ts";

/** Borrows a service that the agent can do without; undefined when no enabled plugin provides it. */
export function lent<K extends keyof Services>(use: (name: K) => Services[K], name: K): Services[K] | undefined {
  try {
    return use(name);
  } catch (error) {
    if (isFailure(error, "PLUGIN_SERVICE_MISSING")) return undefined;
    throw error;
  }
}
