const KIB = 1024;

/** A part of the making of an image. */
export interface Part {
  /** How long it takes, in parts of the whole, measured on two cores with a near mirror. */
  readonly weight: number;
  /** How far it is when each of these is said. */
  readonly milestones: readonly (readonly [RegExp, number, string])[];
}

const UNPACKING = /^I: running --setup-hook in shell: sh -c 'mkdir -p "\$1"\/dev; unsquashfs/;

/** The making of what all images of a release have in common. */
export const FIRST_GROUND: Part = {
  weight: 6,
  milestones: [
    [/^I: running apt-get update/, 0.02, "reading the package indexes"],
    [/^I: downloading packages with apt/, 0.08, "downloading packages"],
    [/^I: extracting archives/, 0.2, "unpacking packages"],
    [/^I: installing essential packages/, 0.25, "installing the essential packages"],
    [/^I: installing remaining packages/, 0.36, "installing packages"],
    [/^cloche: step users/, 0.65, "making users"],
    [/^cloche: step kernel/, 0.67, "unpacking the kernel"],
    [/^cloche: step initrd/, 0.77, "making the initrd"],
    [/^I: creating tarball/, 0.79, "packing what all images have"],
  ],
};

/** The making of a ground with what tools and plugins want. */
export const WIDER_GROUND: Part = {
  weight: 5,
  milestones: [
    [UNPACKING, 0, "unpacking what all images have"],
    [/^I: running apt-get update/, 0.1, "reading the package indexes"],
    [/^I: installing remaining packages/, 0.15, "installing packages for tools and plugins"],
    [/^I: creating tarball/, 0.75, "packing them"],
  ],
};

/** The making of an image on its ground. */
export const RECIPE: Part = {
  weight: 3,
  milestones: [
    [UNPACKING, 0, "unpacking what is there already"],
    [/^I: running apt-get update/, 0.2, "reading the package indexes"],
    [/^I: installing remaining packages/, 0.3, "installing packages"],
    [/^cloche: step commands/, 0.55, "running the recipe's commands"],
    [/^cloche: step cleaning/, 0.6, "cleaning up"],
    [/^I: creating tarball/, 0.65, "packing the root file system"],
  ],
};
const DONE = 1;
const STEPS_PER_PACKAGE = 3; // downloaded, unpacked, set up

/** Turns what mmdebstrap, apt, dpkg and our set-up say into how far an image is, which never goes back. */
export class BuildProgress {
  readonly #update: (fraction: number, detail: string) => void;
  readonly #parts: readonly Part[];
  #part: Part;
  #stage = 0;
  #next = 0;
  #fraction = 0;
  #detail = "starting";
  #packages = 0;
  #handled = 0;
  #totalBytes = 0;

  /** All parts that there will be, in their order. */
  constructor(update: (fraction: number, detail: string) => void, parts: readonly Part[]) {
    this.#update = update;
    this.#parts = parts;
    this.#part = parts[0] ?? RECIPE;
  }

  /** From now on the output is that of this part. */
  begin(part: Part): void {
    this.#part = part;
    this.#stage = 0;
    this.#next = part.milestones[0]?.[1] ?? DONE;
    this.#packages = this.#totalBytes = 0;
  }

  /** One line of output. */
  hear(line: string): void {
    const at = this.#part.milestones.findIndex(([pattern]) => pattern.test(line));
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
    const [, start, detail] = this.#part.milestones[at] ?? [undefined, DONE, ""];
    this.#stage = start;
    this.#next = this.#part.milestones[at + 1]?.[1] ?? DONE;
    this.#detail = detail;
    this.#handled = 0;
    this.#move(0, "");
  }

  #move(share: number, suffix: string): void {
    const weightOf = (parts: readonly Part[]) => parts.reduce((sum, { weight }) => sum + weight, 0);
    const within = this.#stage + Math.min(share, 1) * (this.#next - this.#stage);
    const before = weightOf(this.#parts.slice(0, this.#parts.indexOf(this.#part)));
    this.#fraction = Math.max(this.#fraction, (before + within * this.#part.weight) / weightOf(this.#parts));
    this.#update(this.#fraction, `${this.#detail}${suffix}`);
  }
}
