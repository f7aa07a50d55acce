import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { logger } from "../support/log.ts";

const log = logger("notify");
/** The program that shows notifications on Linux desktops, where its package puts it; never one from the PATH. */
const NOTIFY_SEND = "/usr/bin/notify-send";
const DEADLINE_MS = 5_000;
/** Who typed something within this time is there, in ms. */
const PRESENT_MS = 10_000;
const APART_MS = 30_000;
const PASSED: readonly string[] = ["DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "HOME"];

/** Whom a notification is about, and how it is shown. */
export interface NotifierOptions {
  /** The session's name, which is plain letters and digits. */
  readonly session: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly program?: string;
}

/** Tells the user on the desktop that the agent waits, at most twice a minute, and not while the user types. The words are ours. */
export class DesktopNotifier {
  readonly #options: NotifierOptions;
  #typedAt = performance.now();
  #notifiedAt = -APART_MS;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** The user has typed something. */
  typed(): void {
    this.#typedAt = performance.now();
  }

  /** A program in the guest wants to be looked at. */
  attention(): void {
    const now = performance.now();
    if (now - this.#typedAt < PRESENT_MS || now - this.#notifiedAt < APART_MS) return;
    this.#notifiedAt = now;
    const { session, env, program = NOTIFY_SEND } = this.#options;
    const hasDesktop = env["DISPLAY"] !== undefined || env["WAYLAND_DISPLAY"] !== undefined;
    if (!hasDesktop || !existsSync(program)) return;
    const passed = Object.fromEntries(PASSED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
    const args = ["--app-name=cloche", "--", "cloche", `The agent waits for you in the session ${session}.`];
    execFile(program, args, { env: passed, cwd: "/", timeout: DEADLINE_MS }, (error) => {
      if (error) log("%s", error.message);
    });
  }
}
