import { PassThrough } from "node:stream";
import type { CommandIo } from "../commands/command.ts";
import type { FromSupervisor } from "./messages.ts";
import type { SessionLog } from "./session-log.ts";

/** The voices of a command in a process without a terminal: to who started it as long as that listens, and into the session's log. */
export interface SupervisedIo extends CommandIo {
  /** Hands on the user's answer to the question that was asked. */
  answered(yes: boolean): void;
  /** Nobody listens any more: what is asked from now on is answered with no. */
  alone(): void;
}

/** Makes them; `tell` reaches the process that started us. */
export function supervisedIo(tell: (message: FromSupervisor) => void, log: SessionLog, isTerminal: boolean): SupervisedIo {
  let waiting: ((yes: boolean) => void) | undefined;
  let isAlone = false;
  const stream = () => Object.assign(new PassThrough().resume(), { isTTY: isTerminal });
  const say = (line: string): void => {
    log.write(line);
    tell({ kind: "say", line });
  };
  const stdin = stream();
  stdin.end();
  return {
    stdin,
    stdout: stream(),
    stderr: stream(),
    progress: {
      step: (title) => tell({ kind: "step", title }),
      update: (fraction, detail) => tell({ kind: "update", fraction, detail }),
      say,
      hide() {},
      show() {},
    },
    print: (line) => tell({ kind: "print", line }),
    repaint() {},
    printJson: (value) => tell({ kind: "print", line: JSON.stringify(value) }),
    warn: say,
    ask: async (question) => {
      if (isAlone || !isTerminal) return false;
      tell({ kind: "ask", question });
      return await new Promise<boolean>((resolve) => (waiting = resolve));
    },
    answered(yes) {
      waiting?.(yes);
      waiting = undefined;
    },
    alone() {
      isAlone = true;
      this.answered(false);
    },
  };
}
