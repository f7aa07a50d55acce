import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../support/package-root.ts";
import type { RecipeFile } from "./recipe.ts";

const EXECUTABLE = 0o755;
const PLAIN = 0o644;

/** Where files that only the making of the image needs lie in the new root; gone when it is done. */
export const BUILD_FOLDER = "/cloche-build";

// The folder `guest/` of the package, by where each part belongs in the guest. Its README stays here.
const PLACES: Readonly<Record<string, string | readonly string[]>> = {
  init: `${BUILD_FOLDER}/init`,
  setup: `${BUILD_FOLDER}/setup`,
  "setup-ground": `${BUILD_FOLDER}/setup-ground`,
  seed: "/usr/lib/cloche/seed",
  warm: "/usr/lib/cloche/warm",
  release: "/usr/lib/cloche/release",
  hold: "/usr/lib/cloche/hold",
  enter: "/usr/lib/cloche/enter",
  "sshd-state": "/usr/lib/cloche/sshd-state",
  "keep-going": "/usr/lib/cloche/keep-going",
  clipboard: ["/usr/local/bin/xclip", "/usr/local/bin/wl-paste"],
  "sysctl.conf": "/etc/sysctl.d/90-cloche.conf",
  sshd_config: "/usr/lib/cloche/sshd_config",
};
const UNITS = "/usr/lib/systemd/system";

/** What of ours runs inside, as files of the image; the folder is the package's own unless a test names another. */
export function guestFiles(folder: string = join(packageRoot(), "guest")): RecipeFile[] {
  const own = Object.entries(PLACES).flatMap(([name, paths]) => [paths].flat().map((path) => fileOf(join(folder, name), path)));
  const units = readdirSync(join(folder, "units")).sort();
  return [...own, ...units.map((name) => fileOf(join(folder, "units", name), `${UNITS}/${name}`))];
}

/** Those of them that only the ground is made with, which all images of a release share. */
export function groundFiles(): RecipeFile[] {
  const paths = [PLACES["init"], PLACES["setup-ground"]];
  return guestFiles().filter(({ path }) => paths.includes(path));
}

function fileOf(source: string, path: string): RecipeFile {
  const executable = (statSync(source).mode & 0o100) !== 0;
  return { path, content: readFileSync(source, "utf8"), mode: executable ? EXECUTABLE : PLAIN };
}
