import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./sources.ts";
import { start, type Started, type StartOptions } from "./started.ts";

// what a normal user's cloche finds in its environment and needs for fetching packages
const PASSED_ON = /^(npm_config_|https?_proxy$|no_proxy$|HTTPS?_PROXY$|NO_PROXY$|NODE_EXTRA_CA_CERTS$|SSL_CERT_FILE$|DEBUG$)/;

/** A user's home, project and directories made for one test. The cache alone is shared, so that the image is made once. */
export class Place implements Disposable {
  // short, since sockets lie below it and their paths have at most 107 bytes
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "ct-")));
  readonly home = this.#made("home");
  readonly runtime = this.#made("run");
  readonly project: string;
  readonly env: Record<string, string>;

  /** Stands before the arguments of a command line. */
  readonly program: readonly string[];
  readonly #started: Started[] = [];

  /** The project's directory may have any name; the program is that of the clone when no other is given. */
  constructor(projectName = "project", env: Readonly<Record<string, string>> = {}, program: readonly string[] = [join(ROOT, "bin/cloche")]) {
    this.project = this.#made(projectName);
    this.program = program;
    this.env = {
      PATH: "/usr/local/bin:/usr/bin:/bin",
      LANG: "C.UTF-8",
      HOME: this.home,
      XDG_RUNTIME_DIR: this.runtime,
      XDG_CACHE_HOME: sharedCache(),
      ...passedOn(),
      ...otherQemu(),
      ...env,
    };
  }

  /** Starts the built program with these arguments, standing in the project. */
  cloche(args: readonly string[], options: StartOptions = {}): Started {
    const started = start([...this.program, ...args], { cwd: this.project, ...options, env: { ...this.env, ...options.env } });
    this.#started.push(started);
    return started;
  }

  /** Writes the user's own configuration. */
  configure(values: unknown): void {
    const folder = join(this.home, ".config/cloche");
    mkdirSync(folder, { mode: 0o700, recursive: true });
    writeFileSync(join(folder, "config.json"), JSON.stringify(values), { mode: 0o600 });
  }

  /** Also ends what a test that failed has left running. */
  [Symbol.dispose](): void {
    for (const started of this.#started) started.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  #made(name: string): string {
    const folder = join(this.folder, name);
    mkdirSync(folder, { mode: 0o700, recursive: true });
    return folder;
  }
}

function sharedCache(): string {
  return process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
}

/** The QEMU that scripts/test/run.ts wants the machine tests to run with, when it is not the host's own. */
function otherQemu(): Record<string, string> {
  const root = process.env["CLOCHE_TEST_QEMU_ROOT"];
  return root === undefined ? {} : { CLOCHE_MACHINE_QEMU_ROOT: root };
}

function passedOn(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (PASSED_ON.test(name) && value !== undefined) env[name] = value;
  }
  return env;
}
