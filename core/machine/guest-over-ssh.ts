import type { Duplex } from "node:stream";
import type { ExecOptions } from "ssh2";
import { escapeLine } from "../support/escape.ts";
import { messageOf } from "../support/errors.ts";
import { withDeadline } from "../support/deadline.ts";
import { logger } from "../support/log.ts";
import { aheadLine, restLine } from "./enter-ahead.ts";
import { SshChannel, type ChannelHome } from "./guest-channel.ts";
import { fail } from "./guest-failures.ts";
import { describeLoss } from "./guest-loss.ts";
import { Prelude } from "./guest-prelude.ts";
import { checkSendable, enterLine } from "./guest-quote.ts";
import { finish } from "./guest-run.ts";
import type { Guest, GuestChannel, GuestCommand } from "./guest.ts";
import type { Machine } from "./machine.ts";
import { OwnCommands } from "./own-commands.ts";
import { SpareChannel } from "./spare-channel.ts";
import type { SshConnection } from "./ssh.ts";

const log = logger("guest");
const RUN_DEADLINE_MS = 60_000;
const CONNECT_DEADLINE_MS = 15_000;
// RFC 8160: the terminal's input is UTF-8, so that erasing takes whole characters; then the end of the list.
const TERMINAL_MODES = Buffer.from([42, 0, 0, 0, 1, 0]);

/** The guest, through one SSH connection that carries all of its commands. */
export class GuestOverSsh extends OwnCommands implements Guest {
  readonly machine: Machine;
  readonly #connection: SshConnection;
  readonly #home: ChannelHome;
  readonly #spare = new SpareChannel((env) => this.#exec(aheadLine(env), "what goes ahead"));
  #opened = 0;

  constructor(machine: Machine, connection: SshConnection) {
    super(new Map());
    this.machine = machine;
    this.#connection = connection;
    this.#home = {
      describeLoss: () => describeLoss(machine, connection),
      kill: async (signal, group) => {
        // written so, every shell understands it; and one that is given up is not killed in its turn, which might go on for ever
        const killing = this.#exec(`kill -${signal} -${group}`, "kill");
        await finish(killing, ["kill", signal], "", RUN_DEADLINE_MS, (channel) => channel.close()).catch((error: unknown) => log("%s", messageOf(error)));
      },
    };
  }

  async open(command: GuestCommand): Promise<GuestChannel> {
    const channel = (await this.#openAhead(command)) ?? (await this.#openWhole(command));
    this.#opened += 1;
    // a session that had a second command will have more
    if (this.#opened > 1) void channel.ended.then(() => this.#spare.prepare(restLine(command, {}) === undefined ? {} : (command.env ?? {})));
    return channel;
  }

  /** Tells what has gone ahead what it is for. */
  async #openAhead(command: GuestCommand): Promise<GuestChannel | undefined> {
    const whole = restLine(command, {});
    if (whole === undefined) return undefined;
    checkSendable(whole, command.env ?? {}); // whichever way it goes, the same is refused
    const spare = await this.#spare.take();
    spare?.channel.stdin.write(restLine(command, spare.env) ?? whole);
    return spare?.channel;
  }

  async #openWhole(command: GuestCommand): Promise<GuestChannel> {
    const { env = {}, tty } = command;
    const options: ExecOptions = {};
    if (tty) {
      // ssh2 takes ready-made bytes here too, which its types do not say
      const modes = TERMINAL_MODES as unknown as { [mode: string]: number };
      options.pty = { term: tty.term, cols: tty.columns, rows: tty.rows, width: 0, height: 0, modes };
    }
    return await this.#exec(enterLine(command), command.argv[0] ?? "a login shell", options, env);
  }

  override async exec(line: string, name: string): Promise<GuestChannel> {
    return await this.#exec(line, name);
  }

  async connect(port: number): Promise<Duplex> {
    try {
      // servers of a name that means both, such as localhost, may listen on one of them only
      return await this.#forward("127.0.0.1", port).catch(() => this.#forward("::1", port));
    } catch (cause) {
      if (this.#connection.isClosed()) throw fail("GUEST_LOST", { detail: await this.#home.describeLoss() }, { cause });
      throw fail("GUEST_PORT_CLOSED", { port, reason: escapeLine(messageOf(cause)) }, { cause });
    }
  }

  async #forward(address: string, port: number): Promise<Duplex> {
    const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
    this.#connection.client.forwardOut("127.0.0.1", 0, address, port, (error, channel) => {
      if (error) return reject(error);
      this.#connection.guard(channel);
      resolve(channel.on("error", () => {}));
    });
    return await withDeadline(promise, CONNECT_DEADLINE_MS, () => new Error(`it did not answer within ${CONNECT_DEADLINE_MS / 1000} s`));
  }

  async #exec(line: string, name: string, options: ExecOptions = {}, env: Readonly<Record<string, string>> = {}): Promise<GuestChannel> {
    const prelude = new Prelude();
    const wrapped = prelude.wrap(line);
    checkSendable(wrapped, env);
    return await this.#request(wrapped, { ...options, env: { ...env } }, prelude).catch(async (error: unknown) => {
      if (this.#connection.isClosed()) throw fail("GUEST_LOST", { detail: await this.#home.describeLoss() }, { cause: error });
      throw fail("GUEST_CHANNEL_REFUSED", { command: escapeLine(name), reason: escapeLine(messageOf(error)) }, { cause: error });
    });
  }

  async #request(line: string, options: ExecOptions, prelude: Prelude): Promise<GuestChannel> {
    return await new Promise((resolve, reject) => {
      this.#connection.client.exec(line, options, (error, channel) => {
        if (error) return reject(error);
        this.#connection.guard(channel);
        // At once: what a quick command says, its status and its end too, may be in the very bytes that ssh2 is going through.
        resolve(new SshChannel(channel, prelude, this.#home));
      });
    });
  }
}
