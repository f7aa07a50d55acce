import type { TerminalSize } from "../machine/guest.ts";

/** Version of the protocol on the control socket; both ends must have the same. */
export const PROTOCOL = 1;

/** How long a command goes on without its client, which may take it up again in that time, in ms. */
export const GRACE_MS = 10_000;

/** `hello`: the first frame of either side. */
export interface Hello {
  readonly protocol: number;
  /** The session's name, when the server says it. */
  readonly session?: string;
}

/** `open`: starts a command as the agent's user. */
export interface OpenRequest {
  readonly argv: readonly string[];
  /** The project when not given. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly tty?: TerminalSize & { readonly term: string };
}

/** `opened`: the command runs; the secret name takes it up again on another connection. */
export interface Opened {
  readonly channel: string;
  /** Of a visit: whether the command has a screen, rather than plain output. */
  readonly hasScreen?: boolean;
  /** Of a visit: whether the command is the agent. */
  readonly isAgent?: boolean;
}

/** `visit`: couples a terminal with the command of a detached session; answered by `opened`. */
export interface VisitRequest {
  /** Of the visitor's terminal; not given when it has none. */
  readonly size?: TerminalSize;
  /** Ends the visit of another terminal, if there is one. */
  readonly take: boolean;
}

/** `refused`: why there is no command. */
export interface Refused {
  readonly message: string;
  readonly hint: string;
}

/** `ask`: a question that a part of the session answers. */
export interface Question {
  /** What the part called it, such as "egress.status". */
  readonly name: string;
  readonly body: unknown;
}

/** `said`: one value of the answer as it comes; `done`: the last one, with which the answer is complete. */
export interface Said {
  readonly value: unknown;
}

/** `resume`: takes a command up again; the numbers are the bytes that the client has. */
export interface ResumeRequest {
  readonly channel: string;
  readonly stdout: number;
  readonly stderr: number;
}

/** `resumed`: the bytes of standard input that the server has. */
export interface Resumed {
  readonly stdin: number;
}

/** `signal`: a name such as "INT". */
export interface SignalRequest {
  readonly name: string;
}
