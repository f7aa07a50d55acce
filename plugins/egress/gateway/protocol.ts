import type { PolicyData } from "../policy/policy.ts";
import type { Upstream } from "../policy/upstream.ts";
import type { ProxySettings } from "../proxy/settings.ts";
import type { Pending } from "./asking/asker.ts";
import type { ConnectionFacts } from "./connections/open-connections.ts";
import type { Refused } from "./refusals.ts";
import type { Total } from "./totals.ts";

/** Version of these questions; plugin and gateway come from the same package, so a difference is a broken installation. */
export const PROTOCOL = 2;

/** What the gateway has to know; it comes over IPC, since arguments and environments can be read by others. */
export interface GatewayConfig {
  readonly session: string;
  readonly policy: PolicyData;
  readonly upstreams: readonly Upstream[];
  /** By which the host itself goes out. */
  readonly proxies?: ProxySettings;
  /** Certificates in PEM that the host trusts besides its system's. */
  readonly authorities?: readonly string[];
  /** What is trusted besides for single targets, `host:port`, since the host's own clients are set to. */
  readonly trusted?: readonly Trusted[];
  /** How long a held connection waits for the user's answer. */
  readonly askMs?: number;
  /** Absolute path of the audit; its parent directory exists. */
  readonly auditFile: string;
  /** Modules of other plugins, loaded in this order before the first connection. */
  readonly parts: readonly PartConfig[];
}

/** Certificates in PEM that are trusted for one `host:port` when it is intercepted. */
export interface Trusted {
  readonly target: string;
  readonly ca: string;
}

/** A module that another plugin adds to the gateway. */
export interface PartConfig {
  /** The plugin's name. */
  readonly by: string;
  /** A `file:` URL. */
  readonly module: string;
  /** Handed to the module; may hold secrets, so it is never logged. */
  readonly options: unknown;
}

/** What the plugin asks of its gateway. Those that offer a socket carry its handle. */
export interface PluginQuestions {
  readonly start: { readonly asks: { readonly protocol: number; readonly config: GatewayConfig }; readonly answers: Started };
  readonly "names-udp": { readonly asks: undefined; readonly answers: undefined };
  readonly "names-tcp": { readonly asks: undefined; readonly answers: undefined };
  readonly listener: { readonly asks: undefined; readonly answers: undefined };
  /** A question of a plugin to its own part. */
  readonly "part-question": { readonly asks: PartQuestion; readonly answers: unknown };
  /** Decides by this from now on, about open and held connections too. */
  readonly policy: { readonly asks: PolicyData; readonly answers: PolicyApplied };
  /** The user's answer to something that was asked; whether it was still waiting. */
  readonly answer: { readonly asks: { readonly id: number; readonly yes: boolean }; readonly answers: { readonly found: boolean } };
  readonly status: { readonly asks: undefined; readonly answers: GatewayStatus };
}

/** What came of a new policy. */
export interface PolicyApplied {
  /** Connections that were closed, since it does not allow them. */
  readonly closed: number;
  /** The addresses that stand for the names of its rules. */
  readonly addresses: Readonly<Record<string, string>>;
}

/** What goes on in the gateway now, and what did so far. */
export interface GatewayStatus {
  readonly pending: readonly Pending[];
  readonly connections: readonly ConnectionFacts[];
  readonly totals: readonly Total[];
}

/** What a gateway says when it has started. */
export interface Started {
  /** Its certificate authority in PEM; undefined when it intercepts nothing, so that nobody has to trust it. */
  readonly authority: string | undefined;
}

/** What the gateway asks of the plugin, or tells it. */
export interface GatewayQuestions {
  /** A question of a part to its own plugin. */
  readonly "part-question": { readonly asks: PartQuestion; readonly answers: unknown };
  /** Something that a part wants the user to know. */
  readonly "part-report": { readonly asks: { readonly by: string; readonly text: string }; readonly answers: undefined };
  /** A connection is held until the user answers. */
  readonly asked: { readonly asks: Pending; readonly answers: undefined };
  /** Something was refused for the first time. */
  readonly refused: { readonly asks: Refused; readonly answers: undefined };
}

/** What a plugin and its part ask each other; the content is theirs alone. */
export interface PartQuestion {
  readonly by: string;
  readonly question: unknown;
}
