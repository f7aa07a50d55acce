import type { Guest } from "../machine/guest.ts";
import type { Witness } from "./witness.ts";

/** The name by which the one allowed witness goes in the guest. */
export const ALLOWED = { name: "witness.example", port: 7777 } as const;

/** How a script in the guest ended, and what it said, both outputs together. */
export interface Told {
  readonly status: number;
  readonly text: string;
}

/** A throw-away session on this host and what stands around it, for attacks to be tried on. */
export interface Arena {
  readonly guest: Guest;
  /** The project on the host, the same path in the guest; made for this and empty. */
  readonly project: string;
  /** A file on the host outside of the project, which the user can write and the guest must not even read. */
  readonly canary: { readonly path: string; readonly text: string };
  /** A rule allows ALLOWED, which is dialled here. */
  readonly allowed: Witness;
  /** No rule names these. */
  readonly denied: Witness;
  readonly datagrams: Witness;
  /** Stands in the host's environment as the user's API key. */
  readonly key: string;
  /** The process of QEMU itself, inside its jail. */
  readonly qemu: number;
  /** Files of the image. */
  readonly image: readonly string[];
  /** The session's private directory on the host. */
  readonly runDir: string;
}

const DEADLINE_MS = 60_000;

/** Runs a shell script in the guest, as root with all that root can do there, or as the agent. */
export async function script({ guest }: Pick<Arena, "guest">, text: string, user: "root" | "agent" = "root"): Promise<Told> {
  // named in full, since busybox's own cannot change users
  const become = user === "root" ? [] : ["/usr/bin/setpriv", "--reuid", "agent", "--regid", "agent", "--init-groups", "--"];
  const wrapped = `{ ${text}\n} 2>&1; status=$?; echo; echo "status $status"`;
  const { stdout } = await guest.run([...become, "bash", "-c", wrapped], { deadlineMs: DEADLINE_MS });
  const [, said = "", status = "1"] = /^([\s\S]*)\nstatus (\d+)\n$/.exec(stdout) ?? [];
  return { status: Number(status), text: said };
}
