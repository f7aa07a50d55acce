import { fail } from "./failures.ts";
import type { Services } from "./services.ts";

/** The services of one session, by name; each provided once. */
export class ServiceRegistry {
  readonly #services = new Map<string, unknown>();

  provide<K extends keyof Services>(plugin: string, name: K, service: Services[K]): void {
    if (this.#services.has(name)) throw fail("PLUGIN_SERVICE_TWICE", { plugin, service: name });
    this.#services.set(name, service);
  }

  use<K extends keyof Services>(plugin: string, name: K): Services[K] {
    if (!this.#services.has(name)) throw fail("PLUGIN_SERVICE_MISSING", { plugin, service: name });
    return this.#services.get(name) as Services[K];
  }

  /** The service when an enabled plugin provides it, for plugins that do without. */
  borrow<K extends keyof Services>(name: K): Services[K] | undefined {
    return this.#services.get(name) as Services[K] | undefined;
  }
}
