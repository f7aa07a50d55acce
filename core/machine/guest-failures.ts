import { failures } from "../support/errors.ts";

const withConsole = (said: string) => (said === "" ? "Its console is empty." : `The end of its console:\n${said}`);
const seconds = (ms: number) => `${ms < 10_000 ? ms / 1000 : Math.round(ms / 1000)} s`;
const SEE_CONSOLE = "See all of its console with DEBUG=cloche:console.";

/** How reaching a guest and running commands in it can fail. Texts that come from the guest are escaped when the error is made. */
export const fail = failures({
  GUEST_SILENT: (f: { deadlineMs: number; what: string; console: string }) => ({
    message: `The guest ${f.what} within ${seconds(f.deadlineMs)}. ${withConsole(f.console)}`,
    hint: `Give it longer with machine.bootDeadline, or rebuild the image with "cloche build --rebuild". ${SEE_CONSOLE}`,
  }),
  GUEST_PORT_CLOSED: (f: { port: number; reason: string }) => ({
    message: `Nothing in the guest answers at port ${f.port}: ${f.reason}`,
    hint: 'Look with "cloche port list" what listens there.',
  }),
  GUEST_GONE: (f: { how: string; console: string }) => ({
    message: `The machine ended before the guest could be reached: ${f.how}. ${withConsole(f.console)}`,
    hint: SEE_CONSOLE,
  }),
  GUEST_SEED_REFUSED: (f: { reason: string; console: string }) => ({
    message: `The guest refused its seed: ${f.reason}. ${withConsole(f.console)}`,
    hint: `Image and program may be of different versions: rebuild the image with "cloche build --rebuild".`,
  }),
  GUEST_SEED_NONSENSE: (f: { said: string; console: string }) => ({
    message: `The guest's seed port said something that is not understood: ${f.said}. ${withConsole(f.console)}`,
    hint: `Image and program may be of different versions: rebuild the image with "cloche build --rebuild".`,
  }),
  GUEST_KEY_WRONG: (f: { count: number; deadlineMs: number; console: string }) => ({
    message:
      `The guest did not show this session's host key within ${seconds(f.deadlineMs)}; ` +
      `connections that showed another one: ${f.count}. ${withConsole(f.console)}`,
    hint: `Something inside the guest answers in place of its SSH server; rebuild the image with "cloche build --rebuild".`,
  }),
  GUEST_SSH_FAILED: (f: { reason: string; deadlineMs: number; console: string }) => ({
    message: `No SSH connection with the guest within ${seconds(f.deadlineMs)}; the last try failed: ${f.reason}. ${withConsole(f.console)}`,
    hint: SEE_CONSOLE,
  }),
  GUEST_LOST: (f: { detail: string }) => ({
    message: `The connection with the guest is lost: ${f.detail}`,
    hint: "What the guest wrote into the project is there. Start a new session to go on.",
  }),
  GUEST_COMMAND_IMPOSSIBLE: (f: { reason: string }) => ({
    message: `This cannot be started in the guest: ${f.reason}.`,
    hint: "Put long or binary input into a file of the project, or send it through standard input.",
  }),
  GUEST_CHANNEL_REFUSED: (f: { command: string; reason: string }) => ({
    message: `The guest did not start ${f.command}: ${f.reason}.`,
    hint: "It may have too many commands running, or no memory left.",
  }),
  GUEST_COMMAND_FAILED: (f: { command: string; how: string; stderr: string }) => ({
    message: `In the guest, ${f.command} ${f.how}.${f.stderr === "" ? "" : ` It said:\n${f.stderr}`}`,
    hint: SEE_CONSOLE,
  }),
  GUEST_COMMAND_LATE: (f: { command: string; deadlineMs: number; stderr: string }) => ({
    message: `In the guest, ${f.command} did not end within ${seconds(f.deadlineMs)}.${f.stderr === "" ? "" : ` It said:\n${f.stderr}`}`,
    hint: SEE_CONSOLE,
  }),
  GUEST_OUTPUT_TOO_LONG: (f: { command: string; maxBytes: number }) => ({
    message: `In the guest, ${f.command} wrote more than ${f.maxBytes} bytes.`,
    hint: "This is not expected of it: something in the guest may have been replaced.",
  }),
});
