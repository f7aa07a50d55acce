/** A finished image on the host: what QEMU boots. All paths are absolute and their files are never written again. */
export interface Image {
  /** Hash of the recipe and of the package indexes it was made from. */
  readonly id: string;
  readonly kernel: string;
  readonly initrd: string;
  /** Read-only file systems, lowest first: the base, then the recipe's layers. */
  readonly disks: readonly string[];
}
