import { join } from "node:path";

/** One version of a package of the npm registry, with what makes it sure that it is that one. */
export interface NpmPackage {
  readonly packageName: string;
  readonly version: string;
  /** `sha512-` and the base64 of the tarball's hash, as npm writes it. */
  readonly integrity: string;
  /** Size of the tarball in bytes, where it is known beforehand. */
  readonly bytes: number | undefined;
}

/** What people call it in messages. */
export function titleOf({ packageName, version }: Pick<NpmPackage, "packageName" | "version">): string {
  return `${packageName} ${version}`;
}

/** A file name, without an ending, for what belongs to it. */
export function fileName({ packageName, version }: Pick<NpmPackage, "packageName" | "version">): string {
  return `${packageName.replace(/^@.*\//, "")}-${version}`;
}

/** Where the tarballs of one kind are kept; only the one that was wanted last stays. */
export function storeIn(cacheDir: string, kind: string): string {
  return join(cacheDir, kind);
}
