import type { Acting } from "../session.ts";
import { isFailure } from "../support/errors.ts";
import { timed } from "../support/timings.ts";
import { HOST_ADDRESS, SSH_PORT } from "./addresses.ts";
import { fail } from "./guest-failures.ts";
import { GuestOverSsh } from "./guest-over-ssh.ts";
import type { Guest } from "./guest.ts";
import { makeKeyPair, type KeyPair } from "./host-keys.ts";
import { endAfterBreak } from "./end-after-break.ts";
import type { Machine } from "./machine.ts";
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
  readonly onEntered?: ((inside: { readonly keys: GuestKeys; release(): Promise<void>; close(): void }) => void) | undefined;
}

/** Who we are for the guest, and who it is for us. */
export interface GuestKeys {
  readonly hostKey: KeyPair;
  readonly clientKey: KeyPair;
}

/** A machine that goes on where it was saved → its inside: told the time, and reached by the keys that it has. */
export async function reenterGuest(
  machine: Machine,
  keys: GuestKeys,
  { deadlineMs, onEntered }: Pick<EnterOptions, "deadlineMs" | "onEntered">,
  acting: Pick<Acting, "scope" | "signal">,
): Promise<Guest> {
  const connection = await whileAccepting(machine, { user: "root", ...keys }, () => deadlineMs, acting.signal, () =>
    timed("the guest goes on", () => machine.seedPort.resume(Date.now(), { deadlineMs, signal: acting.signal })),
  );
  return await settle(machine, connection, keys, onEntered, acting);
}

/** Does what has the guest dial, and takes what it dials; a connection is of no use when that fails. */
async function whileAccepting(machine: Machine, login: SshLogin, left: () => number, signal: AbortSignal, work: () => Promise<void>): Promise<SshConnection> {
  const refused = new AbortController();
  const connecting = timed("SSH", () => acceptSsh(machine, login, left(), AbortSignal.any([signal, refused.signal])));
  connecting.then((connection) => refused.signal.aborted && connection.close(), () => {}); // heard below, or refused
  try {
    await work();
  } catch (error) {
    refused.abort(error);
    throw error;
  }
  return await connecting;
}

async function settle(
  machine: Machine,
  connection: SshConnection,
  keys: GuestKeys,
  onEntered: EnterOptions["onEntered"],
  { scope, signal }: Pick<Acting, "scope" | "signal">,
): Promise<Guest> {
  await scope.defer("close the SSH connection", () => connection.close());
  const setClock = (nowMs: number) => machine.seedPort.setClock(nowMs, { deadlineMs: CLOCK_MS, signal });
  await keepClock(setClock, scope);
  const guest = new GuestOverSsh(machine, connection);
  const release = async (): Promise<void> => void (await guest.run(["/usr/lib/cloche/release"]));
  onEntered?.({ keys, release, close: () => connection.close() });
  return guest;
}

/** A machine that boots → its inside: seeded with keys of this session alone, and reached over the connection that it dials. */
export async function enterGuest(machine: Machine, options: EnterOptions, acting: Pick<Acting, "scope" | "signal">): Promise<Guest> {
  return await seedAndEnter(machine, options, acting, async (seed, left, signal) => {
    await timed("the guest asks for its seed", () => machine.seedPort.greet({ deadlineMs: left(), signal }));
    return () => machine.seedPort.plant(seed, { deadlineMs: left(), signal });
  });
}

/** A machine that is a copy of another → its inside: given a seed of its own, which ends what the other's connection served. */
export async function enterCopy(machine: Machine, options: EnterOptions, acting: Pick<Acting, "scope" | "signal">): Promise<Guest> {
  return await seedAndEnter(machine, options, acting, async (seed, left, signal) => {
    return () => machine.seedPort.plantAgain(seed, { deadlineMs: left(), signal });
  });
}

/** Waits until the guest can be given its seed, and answers what gives it. */
type Sowing = (seed: Seed, left: () => number, signal: AbortSignal) => Promise<() => Promise<void>>;

async function seedAndEnter(machine: Machine, options: EnterOptions, acting: Pick<Acting, "scope" | "signal">, sow: Sowing): Promise<Guest> {
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
  const plant = async (): Promise<SshConnection> => {
    const plantSeed = await sow(seed, left, signal);
    // The guest dials as soon as it has its keys, while it applies the rest of the seed.
    return await whileAccepting(machine, { user: "root", clientKey, hostKey }, left, signal, () => timed("the seed", plantSeed));
  };
  const connection = await plant().catch(async (error: unknown) => {
    // the port closes a moment before QEMU has ended, which is the reason then
    if (isFailure(error, "GUEST_SEED_NONSENSE")) await endAfterBreak(machine);
    signal.throwIfAborted();
    throw error;
  });
  return await settle(machine, connection, { clientKey, hostKey }, options.onEntered, { scope: acting.scope, signal });
}
