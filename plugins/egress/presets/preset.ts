import type { GuestFile } from "../../../core/index.ts";
import type { RuleText } from "../policy/rule.ts";

/** What a preset comes to on this host: what is allowed, and how the guest's clients are set to use the same. */
export interface Resolved {
  readonly rules: readonly RuleText[];
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: readonly GuestFile[];
  /** Certificates in PEM that the host's clients are told to trust for it beyond the public ones. */
  readonly authorities?: readonly string[];
}

/** A preset on this host, or why it cannot be had: what the host is not configured to say, nobody here makes up. */
export type Resolution = Resolved | { readonly why: string };

/** How a preset looks at the host: its configuration is read as data, and its own tools are asked for what they use. */
export interface PresetHost {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a file; undefined when there is none, or it is too large. */
  read(path: string): string | undefined;
  /** What a tool of the host says, run away from the project; undefined when there is none or it fails. */
  ask(tool: string, ...args: readonly string[]): Promise<string | undefined>;
  /** What was found out for this key within the last week, or what is found out now; for what takes long. */
  remember(key: string, find: () => Promise<readonly string[]>): Promise<readonly string[]>;
}

export type Preset = (host: PresetHost) => Promise<Resolution>;
