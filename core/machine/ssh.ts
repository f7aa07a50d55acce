import type { Duplex } from "node:stream";
import type { Client, ClientChannel } from "ssh2";
import { withDeadline } from "../support/deadline.ts";
import { logger } from "../support/log.ts";
import type { KeyPair } from "./host-keys.ts";

/** What we call ourselves to sshd; guest/seed says it for us before we are there. */
export const IDENT = "cloche";

/** Who we are for the guest's sshd, and which key it has to show. */
export interface SshLogin {
  readonly user: string;
  readonly clientKey: KeyPair;
  /** The session's own host key; another one ends the connection. */
  readonly hostKey: KeyPair;
}

/** A connection that showed the right host key and let us in. */
export interface SshConnection {
  readonly client: Client;
  /** Settles, never rejects, when the connection is gone, with what is known of the reason. */
  readonly closed: Promise<string>;
  /** Whether it is gone already. */
  isClosed(): boolean;
  /** Ends the connection if this channel is sent more than its window allows. */
  guard(channel: ClientChannel): void;
  close(): void;
}

/** The other side showed a host key that is not the session's. */
export class WrongHostKey extends Error {
  override readonly name = "WrongHostKey";
}

const log = logger("ssh");
const KEEPALIVE_MS = 30_000;
const KEEPALIVES_MISSED = 10;
// ssh2 gives each channel a window of 2 MiB but does not hold the other side to it; an honest one stays below twice that a stream.
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;
// What may wait to be sent: the windows of many channels, far less than a guest that asks without reading the answers would make.
const MAX_UNSENT_BYTES = 64 * 1024 * 1024;

/** Loads the SSH client, which takes some 40 ms, so that it can be done while a machine boots. */
export async function loadSsh(): Promise<typeof import("ssh2")> {
  const { default: ssh2 } = await import("ssh2");
  return ssh2;
}

/** Speaks SSH over a connection that the guest dialled. Throws WrongHostKey, or an Error of ssh2; the stream is then destroyed. */
export async function connectSsh(stream: Duplex, login: SshLogin, deadlineMs: number, signal: AbortSignal): Promise<SshConnection> {
  const { Client } = await loadSsh();
  const client = new Client();
  let trouble: Error | undefined;
  // Stays for the connection's whole life: ssh2 reports errors late, and one that nobody hears ends the process.
  client.on("error", (error) => {
    log("%s", error.message);
    trouble ??= error;
    stream.destroy();
  });
  stream.once("end", () => stream.destroy()); // whatever it allows, half a connection is none
  const closed = new Promise<string>((resolve) => {
    stream.once("close", () => resolve(trouble?.message ?? "the guest closed it"));
  });
  const ready = new Promise<void>((resolve, reject) => {
    client.once("ready", resolve);
    void closed.then((reason) => reject(trouble ?? new Error(reason)));
  });
  try {
    client.connect(settings(stream, login, (error) => (trouble ??= error)));
    client.setNoDelay(true); // else a keystroke may wait for the answer to the one before
    await withDeadline(ready, deadlineMs, () => new Error("it said nothing that lets us in, for too long"), signal);
  } catch (error) {
    stream.destroy();
    throw error;
  }
  const close = (): void => {
    client.end();
    stream.destroy();
  };
  return { client, closed, isClosed: () => stream.destroyed, guard: guardOf(client, stream), close };
}

function settings(stream: Duplex, login: SshLogin, refuse: (error: Error) => void): Parameters<Client["connect"]>[0] {
  return {
    sock: stream,
    ident: IDENT,
    username: login.user,
    // Just this: no agent, no passwords, and no question first what would be allowed.
    authHandler: ["publickey"],
    privateKey: login.clientKey.privateKey,
    hostVerifier: (shown: Buffer) => {
      const right = shown.equals(login.hostKey.wireKey);
      if (!right) refuse(new WrongHostKey("it showed another host key"));
      return right;
    },
    algorithms: {
      cipher: ["aes128-gcm@openssh.com", "chacha20-poly1305@openssh.com"],
      kex: ["curve25519-sha256", "curve25519-sha256@libssh.org"],
      serverHostKey: ["ssh-ed25519"],
      compress: ["none"],
    },
    keepaliveInterval: KEEPALIVE_MS,
    keepaliveCountMax: KEEPALIVES_MISSED,
    readyTimeout: 0,
  };
}

/** Keeps a guest whose sshd was replaced from filling our memory. */
function guardOf(client: Client, stream: Duplex): (channel: ClientChannel) => void {
  const channels = new Set<ClientChannel>();
  stream.on("data", () => {
    let unread = 0;
    for (const channel of channels) unread = Math.max(unread, channel.readableLength + channel.stderr.readableLength);
    if (unread <= MAX_UNREAD_BYTES && stream.writableLength <= MAX_UNSENT_BYTES) return;
    client.emit("error", new Error("the guest sent more than it may"));
  });
  return (channel) => {
    channels.add(channel);
    channel.once("close", () => channels.delete(channel));
  };
}

