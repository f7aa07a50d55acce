import type { Guest, Logger } from "../../../core/index.ts";
import { memory, MEMORY_FILE } from "./memory.ts";
import type { Setting } from "./files.ts";

/**
 * Keeps what the agent's memory says of the network true while the rules change. The agent reads it when a conversation begins, is
 * cleared or is shortened; a write that fails, as when the guest is going, leaves it as it was.
 */
export class MemoryKeeper {
  readonly #guest: Pick<Guest, "writeFile">;
  readonly #project: string;
  readonly #log: Logger;
  #written: string;
  #wanted: string;
  #writing = false;

  /** The setting is what the memory was written with at the start. */
  constructor(guest: Pick<Guest, "writeFile">, { project, network }: Pick<Setting, "project" | "network">, log: Logger) {
    this.#guest = guest;
    this.#project = project;
    this.#log = log;
    this.#written = this.#wanted = network;
  }

  /** Has it say this from now on; of several changes in a short time the last one is written. */
  renew(network: string): void {
    this.#wanted = network;
    if (!this.#writing) void this.#write();
  }

  async #write(): Promise<void> {
    this.#writing = true;
    try {
      while (this.#written !== this.#wanted) {
        const network = this.#wanted;
        await this.#guest.writeFile(MEMORY_FILE, memory({ project: this.#project, network }));
        this.#written = network;
      }
    } catch (error) {
      this.#log("the agent's memory stays as it is: %s", String(error));
    } finally {
      this.#writing = false;
    }
  }
}
