import { fail } from "./failures.ts";
import type { Recipe, RecipeDraft, RecipeFile, RecipeLayer } from "./recipe.ts";

/** Collects what core and the plugins want inside an image; what two of them ask for alike is there once. */
export class RecipeCollector implements RecipeDraft {
  readonly #suite: string;
  readonly #packages = new Set<string>();
  readonly #files = new Map<string, RecipeFile>();
  readonly #commands: string[] = [];
  readonly #units = new Set<string>();
  readonly #prepare: string[] = [];
  readonly #warm: string[] = [];
  readonly #layers = new Map<string, RecipeLayer>();

  readonly #asked: ReadonlySet<string>;

  /** A release, and the packages that the user named. */
  constructor(suite: string, asked: readonly string[] = []) {
    this.#suite = suite;
    this.#asked = new Set(asked);
    this.addPackages(...asked);
  }

  addPackages(...names: string[]): void {
    for (const name of names) this.#packages.add(name);
  }

  addFile(file: RecipeFile): void {
    const present = this.#files.get(file.path);
    if (present && (present.content !== file.content || present.mode !== file.mode)) {
      throw fail("RECIPE_FILE_TWICE", { path: file.path });
    }
    this.#files.set(file.path, file);
  }

  addCommand(line: string): void {
    this.#commands.push(line);
  }

  addUnit(name: string): void {
    this.#units.add(name);
  }

  addPrepare(line: string): void {
    this.#prepare.push(line);
  }

  addWarm(line: string): void {
    this.#warm.push(line);
  }

  addLayer(layer: RecipeLayer): void {
    if (this.#layers.has(layer.name)) throw fail("RECIPE_LAYER_TWICE", { layer: layer.name });
    this.#layers.set(layer.name, layer);
  }

  /** The recipe: sets sorted, so that the order of plugins does not make another image; commands in their order. */
  finish(): Recipe {
    return {
      suite: this.#suite,
      packages: [...this.#packages].sort(),
      asked: [...this.#asked].sort(),
      files: [...this.#files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
      commands: [...this.#commands],
      units: [...this.#units].sort(),
      prepare: [...this.#prepare],
      warm: [...this.#warm],
      layers: [...this.#layers.values()],
    };
  }
}
