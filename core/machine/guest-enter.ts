import type { Acting } from "../session.ts";
import { isFailure } from "../support/errors.ts";
import { timed } from "../support/timings.ts";
import { HOST_ADDRESS, SSH_PORT } from "./addresses.ts";
import { fail } from "./guest-failures.ts";
import { GuestAhead } from "./guest-ahead.ts";
import { makeKeyPair, type KeyPair } from "./host-keys.ts";
import { endAfterBreak } from "./end-after-break.ts";
import type { Machine } from "./machine.ts";
import type { Done } from "./own-commands.ts";
import { makeMachineId, type Seed } from "./seed.ts";
import { keepClock } from "./clock-keeper.ts";
import { CONSOLE_LINES } from "./console.ts";
import { acceptSsh } from "./ssh-accept.ts";
import { loadSsh, type SshConnection, type SshLogin } from "./ssh.ts";

const CLOCK_MS = 5_000;

/** How the guest is called, and how long its seed and its SSH server may take together; it has booted before. */
export interface EnterOptions {
  readonly hostname: string;
  readonly deadlineMs: number;
  /** Hears by what the guest is reached, and how that is ended. */
  readonly onEntered?: ((inside: { readonly keys: GuestKeys; readonly done: Done; release(): Promise<void>; close(): void }) => void) | undefined;
}

/** Who we are for the guest, and who it is for us. */
export interface GuestKeys {
  readonly hostKey: KeyPair;
  readonly clientKey: KeyPair;
}

/** A machine that goes on where it was saved → its inside: told the time, and reached soon by the keys that it has; `done` is what was done in it. */
export async function reenterGuest(
  machine: Machine,
  { keys, done }: { readonly keys: GuestKeys; readonly done: Done },
  { deadlineMs, onEntered }: Pick<EnterOptions, "deadlineMs" | "onEntered">,
  acting: Pick<Acting, "scope" | "signal">,
): Promise<GuestAhead> {
  const connecting = await acceptAfter(machine, { user: "root", ...keys }, () => deadlineMs, acting.signal, () =>
    timed("the guest goes on", () => machine.seedPort.resume(Date.now(), { deadlineMs, signal: acting.signal })),
  );
  return await settle(machine, connecting, { keys, done }, onEntered, acting);
}

interface Connecting {
  readonly connection: Promise<SshConnection>;
  /** Gives up what is not there yet, and closes what is. */
  close(): void;
}

/** Does what has the guest dial, which may still be on its way then; a connection is of no use when that fails. */
async function acceptAfter(machine: Machine, login: SshLogin, left: () => number, signal: AbortSignal, work: () => Promise<void>): Promise<Connecting> {
  const refused = new AbortController();
  const connection = timed("SSH", () => acceptSsh(machine, login, left(), AbortSignal.any([signal, refused.signal])));
  const close = (reason: unknown): void => {
    refused.abort(reason);
    connection.then((one) => one.close(), () => {});
  };
  connection.catch(() => {}); // heard by whoever waits for it
  try {
    await work();
  } catch (error) {
    close(error);
    throw error;
  }
  return { connection, close: () => close(new Error("the connection is not wanted any more")) };
}

async function settle(
  machine: Machine,
  { connection, close }: Connecting,
  { keys, done }: { readonly keys: GuestKeys; readonly done: Done },
  onEntered: EnterOptions["onEntered"],
  { scope, signal }: Pick<Acting, "scope" | "signal">,
): Promise<GuestAhead> {
  await scope.defer("close the SSH connection", close);
  const setClock = (nowMs: number) => machine.seedPort.setClock(nowMs, { deadlineMs: CLOCK_MS, signal });
  await keepClock(setClock, scope);
  const guest = new GuestAhead(machine, connection, done);
  const release = async (): Promise<void> => void (await guest.run(["/usr/lib/cloche/release"]));
  onEntered?.({ keys, done, release, close });
  return guest;
}

/** A machine that boots → its inside: seeded with keys of this session alone, and reached soon over the connection that it dials. */
export async function enterGuest(machine: Machine, options: EnterOptions, acting: Pick<Acting, "scope" | "signal">): Promise<GuestAhead> {
  return await seedAndEnter(machine, options, acting, async (seed, left, signal) => {
    await timed("the guest asks for its seed", () => machine.seedPort.greet({ deadlineMs: left(), signal }));
    return () => machine.seedPort.plant(seed, { deadlineMs: left(), signal });
  });
}

/** A machine that is a copy of another → its inside: given a seed of its own, which ends what the other's connection served. */
export async function enterCopy(machine: Machine, options: EnterOptions, acting: Pick<Acting, "scope" | "signal">): Promise<GuestAhead> {
  return await seedAndEnter(machine, options, acting, async (seed, left, signal) => {
    return () => machine.seedPort.plantAgain(seed, { deadlineMs: left(), signal });
  });
}

/** Waits until the guest can be given its seed, and answers what gives it. */
type Sowing = (seed: Seed, left: () => number, signal: AbortSignal) => Promise<() => Promise<void>>;

async function seedAndEnter(machine: Machine, options: EnterOptions, acting: Pick<Acting, "scope" | "signal">, sow: Sowing): Promise<GuestAhead> {
  const deadlineAt = performance.now() + options.deadlineMs;
  const left = () => Math.max(1, Math.round(deadlineAt - performance.now()));
  const consoleTail = () => machine.consoleTail(CONSOLE_LINES);
  const gone = new AbortController();
  void machine.ended.then((end) => {
    const how = end.reason === "powered-off" ? "the guest powered off" : end.reason === "stopped" ? "it was stopped" : end.detail;
    gone.abort(fail("GUEST_GONE", { how, console: consoleTail() }));
  });
  const signal = AbortSignal.any([acting.signal, gone.signal]);
  const loading = loadSsh();
  loading.catch(() => {}); // fails again, and is heard, where it is used

  const hostKey = makeKeyPair();
  const clientKey = makeKeyPair();
  const seed = {
    hostname: options.hostname,
    machineId: makeMachineId(),
    hostKey: hostKey.privateKey,
    authorizedKey: clientKey.publicKey,
    dial: `${HOST_ADDRESS}:${SSH_PORT}`,
  };
  const plant = async (): Promise<Connecting> => {
    const plantSeed = await sow(seed, left, signal);
    // The guest dials as soon as it has its keys, while it applies the rest of the seed.
    return await acceptAfter(machine, { user: "root", clientKey, hostKey }, left, signal, () => timed("the seed", plantSeed));
  };
  const connecting = await plant().catch(async (error: unknown) => {
    // the port closes a moment before QEMU has ended, which is the reason then
    if (isFailure(error, "GUEST_SEED_NONSENSE")) await endAfterBreak(machine);
    signal.throwIfAborted();
    throw error;
  });
  return await settle(machine, connecting, { keys: { clientKey, hostKey }, done: new Map() }, options.onEntered, { scope: acting.scope, signal });
}
