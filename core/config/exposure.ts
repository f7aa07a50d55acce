/** What of a file's status says who may write it. */
export interface Ownership {
  readonly uid: number;
  readonly mode: number;
}

/** Why somebody else than the user (or root) could have written this, and the command that mends it; undefined when nobody could. */
export function exposureOf(path: string, { uid, mode }: Ownership, ownUid: number): { reason: string; command: string } | undefined {
  const quoted = `'${path.replaceAll("'", "'\\''")}'`;
  if (uid !== ownUid && uid !== 0) {
    return { reason: `${path} belongs to the user with number ${uid}`, command: `chown ${ownUid} ${quoted}` };
  }
  if ((mode & 0o022) !== 0) return { reason: `others may write to ${path}`, command: `chmod go-w ${quoted}` };
  return undefined;
}
