import { chmod } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import type { Guest, GuestChannel } from "../machine/guest.ts";
import { ClocheError, messageOf } from "../support/errors.ts";
import type { Disposers } from "../support/disposers.ts";
import { logger } from "../support/log.ts";
import { controlPath } from "./control-path.ts";
import { fail } from "./failures.ts";
import { allowedEnvironment } from "./forwarded-environment.ts";
import type { Frame } from "./frames.ts";
import type { HeldCommand } from "./held/held-command.ts";
import { GRACE_MS, PROTOCOL, type Opened, type OpenRequest, type Question, type Refused, type Said, type VisitRequest } from "./messages.ts";
import type { Questions } from "./questions.ts";
import { requests } from "./requests.ts";
import { ServedCommand } from "./served-command.ts";
import { Wire } from "./wire.ts";

const log = logger("control");
const MOST_CONNECTIONS = 64;
const MOST_COMMANDS = 32;
const GREETING_MS = 3_000;
const FAREWELL_MS = 200;

/** What clients of a control socket reach. */
export interface ControlOptions {
  readonly name: string;
  readonly runDir: string;
  readonly guest: Guest;
  /** Where commands start when the client does not say. */
  readonly project: string;
  /** Variables that every command gets, whatever its client says, as the plugins want them for the agent. */
  environment(): Readonly<Record<string, string>>;
  /** What else than commands it can be asked for. */
  readonly questions: Questions;
  /** The command that terminals may come to, once it runs; only of a detached session. */
  held?(): HeldCommand | undefined;
  /** How long a command goes on without its client; the protocol's time of grace when not given. */
  readonly graceMs?: number;
}

/**
 * Opens the control socket of a session, by which later commands run theirs in it. Who may connect is decided by the directory around
 * it, which only the session's user can enter; what they send is checked and bounded all the same.
 */
export async function serveControl(options: ControlOptions, scope: Disposers): Promise<void> {
  const commands = new Map<string, ServedCommand>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    receive(socket, options, commands);
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.on("error", (error) => log("%s", error.message));
  await scope.defer("close the control socket", async () => {
    server.close();
    for (const command of [...commands.values()]) command.end("the session ended.");
    for (const socket of sockets) socket.destroySoon();
    setTimeout(() => { for (const socket of sockets) socket.destroy(); }, FAREWELL_MS).unref();
  });
  await listen(server, controlPath(options.runDir));
}

async function listen(server: Server, path: string): Promise<void> {
  const listening = once(server, "listening");
  server.listen(path);
  await listening;
  await chmod(path, 0o600);
}

/** One connection: it greets, asks for one command, or for one that it lost, and from then on its frames are that command's. */
function receive(socket: Socket, options: ControlOptions, commands: Map<string, ServedCommand>): void {
  const impatience = setTimeout(() => socket.destroy(), GREETING_MS);
  const settled = (next: (frame: Frame) => void): void => {
    clearTimeout(impatience);
    hear = next;
  };
  const ask = ({ kind, payload }: Frame): void => {
    if (kind === "open") {
      settled(tooEarly);
      void open(requests.open(payload));
    } else if (kind === "resume") {
      resume(requests.resume(payload));
    } else if (kind === "visit") {
      visit(requests.visit(payload));
    } else if (kind === "ask") {
      settled(tooEarly);
      void answer(requests.ask(payload));
    } else {
      throw fail("CONTROL_PROTOCOL", { detail: `"${kind}" instead of a request` });
    }
  };
  let hear = ({ kind, payload }: Frame): void => {
    if (kind !== "hello") throw fail("CONTROL_PROTOCOL", { detail: `"${kind}" instead of a greeting` });
    requests.hello(payload);
    hear = ask;
  };
  const wire = new Wire(socket, (frame) => hear(frame));
  void wire.closed.then(() => clearTimeout(impatience));
  wire.tell("hello", { protocol: PROTOCOL, session: options.name });

  async function open(request: OpenRequest): Promise<void> {
    try {
      if (commands.size >= MOST_COMMANDS) throw fail("SESSION_BUSY", { name: options.name, most: MOST_COMMANDS });
      const { argv, cwd = options.project, env = {}, tty } = request;
      const channel = await options.guest.open({
        argv, cwd, user: "agent", env: { ...allowedEnvironment(env), ...options.environment() }, ...(tty ? { tty } : {}),
      });
      serve(channel, options.graceMs ?? GRACE_MS);
    } catch (error) {
      refuse(error);
    }
  }

  function visit(request: VisitRequest): void {
    try {
      const held = options.held?.();
      if (!held) throw fail("SESSION_NOT_READY", { name: options.name, state: "starting" });
      serve(held.visit(request), 0, { hasScreen: held.tty, isAgent: held.facts.isAgent }); // who is gone makes room for the next terminal at once
    } catch (error) {
      refuse(error);
    }
  }

  function serve(channel: GuestChannel, graceMs: number, more: Partial<Opened> = {}): void {
    const command = new ServedCommand(channel, graceMs, () => commands.delete(command.id));
    commands.set(command.id, command);
    settled((frame) => command.hear(frame));
    wire.tell("opened", { channel: command.id, ...more } satisfies Opened);
    command.attach(wire, { stdout: 0, stderr: 0 });
  }

  function resume({ channel, ...has }: ReturnType<typeof requests.resume>): void {
    const command = commands.get(channel);
    if (!command) return refuse(fail("COMMAND_OVER", { name: options.name }));
    settled((frame) => command.hear(frame));
    wire.tell("resumed", command.resumed());
    command.attach(wire, has);
  }

  async function answer(question: Question): Promise<void> {
    const gone = new AbortController();
    void wire.closed.then(() => gone.abort());
    try {
      const say = (value: unknown): void => wire.tell("said", { value } satisfies Said);
      const value = await options.questions.answer(question, { say, signal: gone.signal });
      wire.tell("done", { value } satisfies Said);
      wire.end();
    } catch (error) {
      refuse(error);
    }
  }

  function refuse(error: unknown): void {
    const hint = error instanceof ClocheError ? error.hint : "See more with DEBUG=cloche:*.";
    wire.tell("refused", { message: messageOf(error), hint } satisfies Refused);
    wire.end();
  }
}

function tooEarly({ kind }: Frame): void {
  throw fail("CONTROL_PROTOCOL", { detail: `"${kind}" before the command runs` });
}
