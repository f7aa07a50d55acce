let extra: readonly string[] = [];

/** Trusts these certificates besides the system's, in PEM; call it before anything is verified. */
export function trustAlso(certificates: readonly string[]): void {
  extra = certificates;
}

/** What is trusted besides. */
export function extraAuthorities(): readonly string[] {
  return extra;
}
