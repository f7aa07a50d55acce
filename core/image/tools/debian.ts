import type { RecipeDraft } from "../recipe.ts";

/** What a tool puts into an image from Debian's own packages. */
interface FromDebian {
  readonly packages: (version: string | undefined) => readonly string[];
  readonly files?: readonly { readonly path: string; readonly content: string; readonly mode?: number }[];
  readonly commands?: readonly string[];
  /** Variables of the agent and of every command, unless a plugin sets them. */
  readonly environment?: Readonly<Record<string, string>>;
}

const FROM_DEBIAN: Readonly<Record<string, FromDebian>> = {
  node: { packages: () => ["nodejs", "npm"] },
  python: { packages: () => ["python3-venv", "python3-pip", "python3-dev", "python-is-python3", "pipx"] },
  java: { packages: (version) => (version === undefined ? ["default-jdk-headless", "maven"] : [`openjdk-${version}-jdk-headless`, "maven"]) },
  go: { packages: () => ["golang-go"] },
  rust: { packages: () => ["rustc", "cargo", "rustfmt", "rust-clippy"] },
  chrome: {
    packages: () => ["chromium", "chromium-driver", "fonts-liberation"],
    // what test runners look for
    commands: ["ln -s chromium /usr/bin/chrome", "ln -s chromium /usr/bin/google-chrome"],
    environment: { CHROME_BIN: "/usr/bin/chromium", PUPPETEER_EXECUTABLE_PATH: "/usr/bin/chromium", PUPPETEER_SKIP_DOWNLOAD: "true" },
  },
  nix: {
    packages: () => ["nix-bin"],
    // without the daemon: the agent's user has a store of its own rights, as in a single-user installation
    commands: ["mkdir -p /nix/store /nix/var/nix", "chown -R agent:agent /nix"],
    files: [{ path: "/etc/nix/nix.conf", content: "build-users-group =\nexperimental-features = nix-command flakes\nsandbox = false\n" }],
  },
};

/** Adds what Debian has of a tool. */
export function addFromDebian(recipe: RecipeDraft, name: string, version: string | undefined): void {
  const { packages, files = [], commands = [] } = FROM_DEBIAN[name] ?? { packages: () => [] };
  recipe.addPackages(...packages(version));
  for (const file of files) recipe.addFile(file);
  for (const command of commands) recipe.addCommand(command);
}

/** What tools say by variables: where they are, for whoever looks there. */
export function environmentOf(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.assign({}, ...names.map((name) => FROM_DEBIAN[name]?.environment)) as Record<string, string>;
}
