import { copyFileSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./sources.ts";

const LINKED = ["guest", "host", "node_modules", "package.json"];

/** A copy of the built program, as it is when installed as a package, with plugins of the tests beside its own. */
export class Program implements Disposable {
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), "cloche-program-")));
  /** Stands before the arguments of a command line. */
  readonly command = [process.execPath, join(this.#folder, "dist/core/cli.js")] as const;

  /** Names of files in `test/support/plugins`; each such plugin is on by default. */
  constructor(...plugins: readonly string[]) {
    cpSync(join(ROOT, "dist"), join(this.#folder, "dist"), { recursive: true });
    for (const name of LINKED) symlinkSync(join(ROOT, name), join(this.#folder, name));
    for (const name of plugins) {
      mkdirSync(join(this.#folder, "dist/plugins", name));
      copyFileSync(join(import.meta.dirname, "plugins", `${name}.js`), join(this.#folder, "dist/plugins", name, "index.js"));
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
