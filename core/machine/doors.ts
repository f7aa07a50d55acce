import type { Server } from "node:net";
import { timed } from "../support/timings.ts";
import { SSH_PORT } from "./addresses.ts";
import type { Bounds } from "./containment.ts";
import { keepDoorway, openDoorway } from "./doorway.ts";
import type { JailNetwork, NetworkStep } from "./draft.ts";

const SSH_DOOR = { protocol: "tcp", address: "127.0.0.1", port: SSH_PORT } as const;

/** What stands in a jail's network. */
export interface Doors {
  /** Our listener for SSH, which is answered. */
  readonly ssh: Promise<Server>;
  /** Settles when what the plugins want is there, too. */
  readonly ready: Promise<void>;
}

/** Opens our listener for SSH, and has the plugins open theirs, which may take longer than until the guest has its seed. The scope closes them. */
export function openDoors(network: JailNetwork, networkSteps: readonly NetworkStep[], bounds: Bounds): Doors {
  const ssh = Promise.withResolvers<Server>();
  const ready = keepDoorway(network, async () => {
    const opening = timed("the door for SSH", () => openDoorway(network, [SSH_DOOR], bounds));
    opening.then(([server]) => ssh.resolve(server), ssh.reject);
    for (const step of networkSteps) await timed("a plugin's network", () => step(network, bounds.scope));
    await opening;
  });
  ready.catch(ssh.reject);
  for (const door of [ssh.promise, ready]) door.catch(() => {}); // heard where it is needed
  return { ssh: ssh.promise, ready };
}
