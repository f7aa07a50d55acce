const KIB = 1024;

// How far the making of the base has come when each of these is said, measured on two cores with a near mirror.
const MILESTONES: readonly (readonly [RegExp, number, string])[] = [
  [/^I: running apt-get update/, 0.02, "reading the package indexes"],
  [/^I: downloading packages with apt/, 0.05, "downloading packages"],
  [/^I: extracting archives/, 0.2, "unpacking packages"],
  [/^I: installing essential packages/, 0.25, "installing the essential packages"],
  [/^I: installing remaining packages/, 0.4, "installing packages"],
  [/^cloche: step users/, 0.7, "making users"],
  [/^cloche: step kernel/, 0.72, "unpacking the kernel"],
  [/^cloche: step initrd/, 0.82, "making the initrd"],
  [/^cloche: step commands/, 0.84, "running the recipe's commands"],
  [/^cloche: step cleaning/, 0.86, "cleaning up"],
  [/^I: creating tarball/, 0.88, "packing the root file system"],
];
const DONE = 1;
const STEPS_PER_PACKAGE = 3; // downloaded, unpacked, set up

/** Turns what mmdebstrap, apt, dpkg and our set-up say into how far the base of an image is, which never goes back. */
export class BuildProgress {
  readonly #update: (fraction: number, detail: string) => void;
  #stage = 0;
  #next = 0.02;
  #fraction = 0;
  #detail = "starting";
  #packages = 0;
  #handled = 0;
  #totalBytes = 0;

  constructor(update: (fraction: number, detail: string) => void) {
    this.#update = update;
  }

  /** One line of output. */
  hear(line: string): void {
    const at = MILESTONES.findIndex(([pattern]) => pattern.test(line));
    if (at >= 0) return this.#enter(at);
    const newly = /(\d+) newly installed/.exec(line);
    if (newly) this.#packages = Number(newly[1]);
    const size = /^cloche: size (\d+)$/.exec(line);
    if (size) this.#totalBytes = Number(size[1]) * KIB;
    const step = /^(?:Get:\d+ |Unpacking |Setting up )(\S*)/.exec(line);
    if (step && this.#packages > 0) {
      this.#handled += 1;
      this.#move(this.#handled / (this.#packages * STEPS_PER_PACKAGE), /^(?:Unpacking|Setting)/.test(line) ? ` (${step[1]})` : "");
    }
  }

  /** That many bytes of the root have been handed to the packer so far. */
  packed(bytes: number): void {
    if (this.#totalBytes > 0) this.#move(bytes / this.#totalBytes, "");
  }

  #enter(at: number): void {
    const [, start, detail] = MILESTONES[at] ?? [undefined, DONE, ""];
    this.#stage = start;
    this.#next = MILESTONES[at + 1]?.[1] ?? DONE;
    this.#detail = detail;
    this.#handled = 0;
    this.#move(0, "");
  }

  #move(share: number, suffix: string): void {
    const fraction = this.#stage + Math.min(share, 1) * (this.#next - this.#stage);
    this.#fraction = Math.max(this.#fraction, fraction);
    this.#update(this.#fraction, `${this.#detail}${suffix}`);
  }
}
