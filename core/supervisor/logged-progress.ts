import type { ScreenProgress } from "../support/progress.ts";
import type { SessionLog } from "./session-log.ts";

/** The same progress, of which the steps and what is said also go into the log of the session. */
export function loggedProgress(progress: ScreenProgress, log: SessionLog): ScreenProgress {
  return {
    step(title) {
      log.write(title);
      progress.step(title);
    },
    say(line) {
      log.write(line);
      progress.say(line);
    },
    update: (fraction, detail) => progress.update(fraction, detail),
    hide: () => progress.hide(),
    show: () => progress.show(),
  };
}
