import { readFileSync } from "node:fs";

/** The login that the host's own agent keeps. */
export interface HostLogin {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const LARGEST = 64 * 1024;

/** Reads the login's file; undefined when there is none, or none that we know. */
export function readHostLogin(file: string): HostLogin | undefined {
  try {
    const text = readFileSync(file, "utf8");
    if (text.length > LARGEST) return undefined;
    const { claudeAiOauth } = JSON.parse(text) as { claudeAiOauth?: Record<string, unknown> };
    const { accessToken, refreshToken, expiresAt = Infinity } = claudeAiOauth ?? {};
    if (typeof accessToken !== "string" || !/^[\x21-\x7e]{16,4096}$/.test(accessToken) || typeof expiresAt !== "number") return undefined;
    return { accessToken, refreshToken: typeof refreshToken === "string" ? refreshToken : undefined, expiresAt };
  } catch {
    return undefined;
  }
}

/** What is said when the host's login cannot be used. */
export function loginAdvice(login: HostLogin | undefined): string {
  return login === undefined
    ? "There is no Claude login on the host. Run `claude` there and log in, or choose another way with credentials.login."
    : "The Claude login on the host has expired. Run `claude` there once, which renews it; with credentials.refreshLogin cloche does that by itself.";
}
