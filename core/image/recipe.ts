/** A file that the image contains; owned by root. */
export interface RecipeFile {
  /** Absolute path inside the guest. */
  readonly path: string;
  readonly content: string;
  /** Permission bits; 0o644 when not given. */
  readonly mode?: number;
}

/** A part of the image with a life of its own: built apart, laid over the base, so that updating it rebuilds nothing else. */
export interface RecipeLayer {
  /** Short name, `[a-z0-9-]+`, unique in the recipe. */
  readonly name: string;
  /** Everything that the content depends on, such as version and checksum; a change makes a new layer. */
  readonly key: Readonly<Record<string, string>>;
  /** Fills the empty directory with the tree to lay over the guest's root. Files end up owned by root. */
  make(tree: string, reach: { readonly signal: AbortSignal; update(fraction: number | undefined, detail?: string): void }): Promise<void>;
}

/** What an image should contain. Plain data but for the layers' makers; its hash names the image. */
export interface Recipe {
  /** Debian release, such as "trixie". */
  readonly suite: string;
  readonly packages: readonly string[];
  /** Those of them that the user named, who may name one more tomorrow: they are installed last. */
  readonly asked: readonly string[];
  readonly files: readonly RecipeFile[];
  /** Shell lines that run as root in the new root, after the packages and files are there, in the network of the host. */
  readonly commands: readonly string[];
  /** systemd units, among the image's own or the files above, that start at boot. */
  readonly units: readonly string[];
  /** Shell lines that run as root in the guest at boot before the seed arrives: slow, and the same for every session. */
  readonly prepare: readonly string[];
  /** Shell lines that run as root in the guest once, before it is frozen as a template, for what they leave in the page cache; without network. */
  readonly warm: readonly string[];
  readonly layers: readonly RecipeLayer[];
}

/** What the `build` hook hands to plugins. It only grows: nobody can take away what another asked for. */
export interface RecipeDraft {
  addPackages(...names: string[]): void;
  addFile(file: RecipeFile): void;
  addCommand(line: string): void;
  addUnit(name: string): void;
  addPrepare(line: string): void;
  addWarm(line: string): void;
  addLayer(layer: RecipeLayer): void;
}
