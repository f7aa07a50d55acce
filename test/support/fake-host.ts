import { Disposers } from "../../core/support/disposers.ts";
import { SILENT } from "../../core/support/progress.ts";

export { fakeHost, type FakeHost } from "../../testing/fake-host.ts";

/** The parts of a session that a unit test does not care about. */
export function actingFor(signal: AbortSignal = new AbortController().signal) {
  const session = { name: "test", project: "/project", runDir: "/run", cacheDir: "/cache", stateDir: "/state", frozen: [], hostEnv: {} };
  return { session, scope: new Disposers(), signal, progress: SILENT };
}
