import { within } from "./mutation.ts";

const LIFE = "test/core/lifecycle.test.ts";

/** What holds a life together, a checkout's words down, and a jail shut. */
export const CORE = [
  ...within("core", LIFE, [
    ["hooks.ts", 'return { ...tap, type: "promise", fn: run }', "void run; return tap; void { fn: run }"],
    ["hooks.ts", 'if (phase !== "teardown") throw error', "throw error"],
    ["hooks.ts", 'phase === "teardown" ? undefined : options.signal', "undefined"],
    ["plugin-order.ts", "if (before) place(before);", ""],
    ["attach/draft.ts", 'this.request.kind === "agent" ? {', "true ? {"],
  ]),
  ...within("core/support", "test/core/support/*.test.ts", [
    ["disposers.ts", "if (this.#closing) await undo(step);\n    else this.#steps.push(step);", "this.#steps.push(step);"],
    ["disposers.ts", "this.#steps.pop()", "this.#steps.shift()"],
    ["errors.ts", "super(withoutSecrets(escapeText(failure.message))", "super(failure.message"],
  ]),
  ...within("core/machine/jail", "test/jail/**/*.test.ts", [
    ["arguments.ts", '"--seccomp", `${seccompFd}`', ""],
    ["arguments.ts", '["--proc", "/proc", "--remount-ro", "/proc"]', '["--proc", "/proc"]'],
    ["arguments.ts", '"--remount-ro", "/", ', ""],
  ]),
];
