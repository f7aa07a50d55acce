import type { Configuration } from "../config/configuration.ts";
import type { Disposers } from "../support/disposers.ts";
import { logger } from "../support/log.ts";
import { noteBegin, noteEnd } from "./session-notes.ts";

const log = logger("trust");

/**
 * Notes what the project asks for now and again when the session has ended, so that what comes about in between is shown as such. To
 * be called before the machine is there: the scope then looks when it is gone. What cannot be noted only makes that word missing.
 */
export async function watchAsks(
  { configuration, project, session, state }: { readonly configuration: Configuration; readonly project: string; readonly session: string; readonly state: string },
  scope: Disposers,
): Promise<void> {
  try {
    const began = await noteBegin(state, project, session, await configuration.askedNow());
    await scope.defer("the note of what the project asks for", async () => {
      await noteEnd(state, project, began, await configuration.askedNow()).catch((error: unknown) => log("not noted at the end: %s", error));
    });
  } catch (error) {
    log("not noted: %s", error);
  }
}
