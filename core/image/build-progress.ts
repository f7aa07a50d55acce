const KIB = 1024;

/** How far a part of the making is when each of these is said, measured on two cores with a near mirror. */
type Milestones = readonly (readonly [RegExp, number, string])[];

/** The making of the ground: the first part of an image's, when there is none yet. */
export const GROUND: Milestones = [
  [/^I: running apt-get update/, 0.02, "reading the package indexes"],
  [/^I: downloading packages with apt/, 0.05, "downloading packages"],
  [/^I: extracting archives/, 0.12, "unpacking packages"],
  [/^I: installing essential packages/, 0.16, "installing the essential packages"],
  [/^I: installing remaining packages/, 0.24, "installing packages"],
  [/^cloche: step users/, 0.42, "making users"],
  [/^cloche: step kernel/, 0.44, "unpacking the kernel"],
  [/^cloche: step initrd/, 0.5, "making the initrd"],
  [/^I: creating tarball/, 0.51, "packing what all images have"],
];

/** The making of an image on its ground. */
export const RECIPE: Milestones = [
  [/^I: running --setup-hook in shell: sh -c 'mkdir -p "\$1"\/dev; unsquashfs/, 0.65, "unpacking what all images have"],
  [/^I: running apt-get update/, 0.7, "reading the package indexes"],
  [/^I: installing remaining packages/, 0.73, "installing packages"],
  [/^cloche: step commands/, 0.84, "running the recipe's commands"],
  [/^cloche: step cleaning/, 0.86, "cleaning up"],
  [/^I: creating tarball/, 0.88, "packing the root file system"],
];
const DONE = 1;
const STEPS_PER_PACKAGE = 3; // downloaded, unpacked, set up

/** Turns what mmdebstrap, apt, dpkg and our set-up say into how far an image is, which never goes back. */
export class BuildProgress {
  readonly #update: (fraction: number, detail: string) => void;
  #milestones: Milestones = GROUND;
  /** What was done before there was anything to do. */
  #from = 0;
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

  /** From now on the output is that of this part. */
  begin(part: Milestones): void {
    if (part === RECIPE && this.#fraction === 0) this.#from = RECIPE[0]?.[1] ?? 0;
    this.#milestones = part;
    this.#fraction = this.#stage = Math.max(this.#fraction, this.#from);
    this.#next = Math.max(this.#fraction, part[0]?.[1] ?? DONE);
    this.#packages = this.#totalBytes = 0;
  }

  /** One line of output. */
  hear(line: string): void {
    const at = this.#milestones.findIndex(([pattern]) => pattern.test(line));
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
    const [, start, detail] = this.#milestones[at] ?? [undefined, DONE, ""];
    this.#stage = start;
    this.#next = this.#milestones[at + 1]?.[1] ?? this.#end();
    this.#detail = detail;
    this.#handled = 0;
    this.#move(0, "");
  }

  #end(): number {
    return this.#milestones === GROUND ? (RECIPE[0]?.[1] ?? DONE) : DONE;
  }

  #move(share: number, suffix: string): void {
    const fraction = this.#stage + Math.min(share, 1) * (this.#next - this.#stage);
    this.#fraction = Math.max(this.#fraction, fraction);
    this.#update((this.#fraction - this.#from) / (DONE - this.#from), `${this.#detail}${suffix}`);
  }
}
