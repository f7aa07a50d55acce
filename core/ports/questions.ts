import type { GuestPort } from "./guest-ports.ts";

/** What commands ask a session about its ports. */
export const PORT_QUESTIONS = { list: "ports.list", open: "ports.open", close: "ports.close" } as const;

/** A port in the answer to `ports.list`: of the guest, and where it is open on the host, if it is. */
export interface ListedPort extends Partial<GuestPort> {
  readonly port: number;
  readonly at: number | null;
  readonly listening: boolean;
}
