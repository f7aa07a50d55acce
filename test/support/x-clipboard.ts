import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";

/** The smallest whole PNG: one transparent dot. */
export const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==", "base64");

/** An X server without a screen, whose clipboard holds what the test puts there. */
export class XClipboard implements AsyncDisposable {
  readonly display: string;
  readonly #server: ChildProcess;

  private constructor(server: ChildProcess, display: string) {
    this.#server = server;
    this.display = display;
  }

  static async start(): Promise<XClipboard> {
    // it takes a display that is free, and says which when it is ready
    const server = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "64x64x8", "-nolisten", "tcp"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
    const [said] = (await once(server.stdio[3] as Readable, "data")) as [Buffer];
    return new XClipboard(server, `:${String(said).trim()}`);
  }

  /** Has the clipboard hold these bytes as this type. */
  hold(type: string, bytes: Buffer): void {
    const folder = mkdtempSync(join(tmpdir(), "cloche-clipboard-"));
    writeFileSync(join(folder, "content"), bytes);
    execFileSync("/usr/bin/xclip", ["-selection", "clipboard", "-t", type, "-i", join(folder, "content")], { env: { DISPLAY: this.display }, stdio: "ignore" });
    rmSync(folder, { recursive: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#server, "close");
    this.#server.kill();
    await ended;
  }
}
