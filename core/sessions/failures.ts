import { failures } from "../support/errors.ts";

/** How beginning, finding and entering sessions can fail. */
export const fail = failures({
  SESSION_NAME_INVALID: (f: { name: string; longest: number }) => ({
    message: `"${f.name.slice(0, 80)}" cannot be the name of a session.`,
    hint: `Use up to ${f.longest} small letters, digits and dashes, and begin with a letter or digit.`,
  }),
  SESSION_NAME_TAKEN: (f: { name: string }) => ({
    message: `There is a session called "${f.name}" already.`,
    hint: `Choose another name, or run a command in it with "cloche exec --session ${f.name} -- CMD". "cloche ls" shows all.`,
  }),
  SESSION_UNKNOWN: (f: { name: string; known: readonly string[] }) => ({
    message: `No session called "${f.name.slice(0, 80)}" is running.`,
    hint: f.known.length > 0 ? `Running now: ${f.known.join(", ")}.` : `None is. Start one with "cloche" or "cloche shell".`,
  }),
  SESSION_NOT_READY: (f: { name: string; state: string }) => ({
    message: `The session "${f.name}" is ${f.state} and cannot run a command now.`,
    hint: `"cloche ls" shows when it is running.`,
  }),
  SESSION_PATH_LONG: (f: { path: string; limit: number }) => ({
    message: `The path ${f.path} is too long for a socket, which may have ${f.limit} bytes.`,
    hint: "Use a shorter --name, or point XDG_RUNTIME_DIR at a directory with a shorter path.",
  }),
  REAPER_FAILED: (f: { detail: string }) => ({
    message: `The helper that tidies up after a crash did not start: ${f.detail}.`,
    hint: "It needs a POSIX shell at /bin/sh and room for one more process.",
  }),
  SESSION_STOP_FAILED: (f: { name: string; pid: number }) => ({
    message: `The session "${f.name}" did not end, not even by force.`,
    hint: `Look at its process ${f.pid}, which may hang in the kernel; "cloche ls" tidies up once it is gone.`,
  }),
  SESSION_VISITED: (f: { name: string }) => ({
    message: `Another terminal is attached to the session "${f.name}".`,
    hint: `Detach it there, or take it over with "cloche attach ${f.name} --take".`,
  }),
  SESSION_NOT_HELD: (f: { name: string }) => ({
    message: `The session "${f.name}" belongs to the terminal that it was started on.`,
    hint: `Open a shell in it with "cloche shell --session ${f.name}". What is started with --detach can be attached to.`,
  }),
  SESSION_TERMINAL_MISSING: (f: { name: string }) => ({
    message: `The command of the session "${f.name}" has a screen, and here is no terminal to show it on.`,
    hint: `Attach from a terminal, or run one command in it with "cloche exec --session ${f.name} -- CMD".`,
  }),
  SESSION_BUSY: (f: { name: string; most: number }) => ({
    message: `The session "${f.name}" runs ${f.most} commands for others already.`,
    hint: "Wait until some have ended.",
  }),
  COMMAND_OVER: (f: { name: string }) => ({
    message: `The command in the session "${f.name}" is over.`,
    hint: "Run it again; what it wrote into the project is there.",
  }),
  CONTROL_VERSION: (f: { name: string; theirs: string; ours: number }) => ({
    message: `The session "${f.name}" was started by another version of cloche (protocol ${f.theirs}, not ${f.ours}).`,
    hint: "Use the version that started it, or end that session and start a new one.",
  }),
  CONTROL_PROTOCOL: (f: { detail: string }) => ({
    message: `The other end of the control socket does not speak as agreed: ${f.detail}.`,
    hint: "End the session and start a new one.",
  }),
  CONTROL_REFUSED: (f: { name: string; message: string; hint: string }) => ({
    message: `The session "${f.name}" did not start the command: ${f.message}`,
    hint: f.hint,
  }),
  CONTROL_LATE: (f: { name: string; deadlineMs: number }) => ({
    message: `The session "${f.name}" did not answer within ${f.deadlineMs / 1000} s.`,
    hint: "It may be busy or stopped; try again, or end it.",
  }),
  QUESTION_UNKNOWN: (f: { question: string }) => ({
    message: `This session has nothing that answers "${f.question.slice(0, 100)}".`,
    hint: "The plugin that would is not enabled in it; enable it and start a new session.",
  }),
  QUESTION_REFUSED: (f: { message: string; hint: string }) => ({ message: `The session answered: ${f.message}`, hint: f.hint }),
  SESSION_LOG_NONE: (f: { name: string }) => ({
    message: `There is no log of a session "${f.name}".`,
    hint: 'Logs are kept of the last 50 sessions; "cloche ls" lists those that run.',
  }),
  SESSION_NONE_HERE: (f: { project: string }) => ({
    message: `No session of ${f.project} is running.`,
    hint: `Start one with "cloche", or name another with --session; "cloche ls" shows all.`,
  }),
  SESSION_AMBIGUOUS: (f: { project: string; names: readonly string[] }) => ({
    message: `There are ${f.names.length} sessions of ${f.project}: ${f.names.join(", ")}.`,
    hint: "Say which one with --session NAME.",
  }),
  COMMAND_LONG: (f: { bytes: number; limit: number }) => ({
    message: `The command line and its environment have ${f.bytes} bytes; ${f.limit} can be sent to a running session.`,
    hint: "Send long text through standard input, or write it to a file in the project.",
  }),
});
