import { randomBytes } from "node:crypto";
import { formatIdentity, parseIdentity, type ProcessIdentity } from "./process-identity.ts";

const STAGING = /^\.new-([\w-]+)\.[0-9a-f]{16}$/;

/** A name of its own for a directory that is not a session yet; it tells whose it is, should that process die before it is. */
export function stagingName(owner: ProcessIdentity): string {
  return `.new-${Buffer.from(formatIdentity(owner)).toString("base64url")}.${randomBytes(8).toString("hex")}`;
}

/** Who made a directory with such a name, or undefined for other names. */
export function ownerOfStaging(name: string): ProcessIdentity | undefined {
  const encoded = STAGING.exec(name)?.[1];
  return encoded === undefined ? undefined : parseIdentity(Buffer.from(encoded, "base64url").toString());
}
