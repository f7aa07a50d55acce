import type { PolicyData } from "../policy/policy.ts";
import type { Upstream } from "../policy/upstream.ts";

/** Version of these messages; plugin and gateway come from the same package, so a difference is a broken installation. */
export const PROTOCOL = 1;

/** What the gateway has to know; it comes over IPC, since arguments and environments can be read by others. */
export interface GatewayConfig {
  readonly session: string;
  readonly policy: PolicyData;
  readonly upstreams: readonly Upstream[];
  /** Absolute path of the audit; its parent directory exists. */
  readonly auditFile: string;
}

/** What the plugin sends; the kinds that offer a socket carry its handle. Each is answered with the same id. */
export type ToGateway = { readonly id: number } & (
  | { readonly kind: "start"; readonly protocol: number; readonly config: GatewayConfig }
  | { readonly kind: "names-udp" }
  | { readonly kind: "names-tcp" }
  | { readonly kind: "listener" }
);

/** What the gateway answers: done, or why not. */
export interface FromGateway {
  readonly id: number;
  readonly error?: string;
}
