import { loginAdvice, readHostLogin } from "../gateway/service/host-login.ts";
import type { Way } from "./ways.ts";

/** What to do about the host's login when it has expired; undefined when it is good, or not used. */
export function hostLoginAdvice(way: Way): string | undefined {
  if (way.kind !== "host") return undefined;
  const login = readHostLogin(way.file);
  return login && login.expiresAt > Date.now() ? undefined : loginAdvice(login);
}
