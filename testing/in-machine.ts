import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** A start of cloche with one plugin, in a home and a project of its own. */
export interface MachineRun {
  /** The plugin's file or folder. */
  readonly plugin: string;
  /** What the plugin calls itself. */
  readonly name: string;
  /** Further options, as they stand in a configuration. */
  readonly configuration?: Readonly<Record<string, unknown>>;
  /** The command to run in the guest, in the project. */
  readonly command: readonly string[];
  /** Files of the project by their paths, made before the start. */
  readonly project?: Readonly<Record<string, string>>;
  /** Variables for cloche besides PATH and the home. */
  readonly env?: Readonly<Record<string, string>>;
  /** After this it is ended, in ms; ten minutes when not given, since the first start makes an image. */
  readonly deadlineMs?: number;
}

/** How it ended: the command's own status and output, with cloche's own lines in stderr too. */
export interface MachineEnded {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const DEADLINE_MS = 600_000;
const MOST_OUTPUT = 1 << 20;

/** Runs a command in a real machine with the plugin enabled; images are kept in the user's own cache, all else is gone afterwards. */
export async function inMachine(run: MachineRun): Promise<MachineEnded> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "cloche-try-")));
  try {
    const made = (name: string) => (mkdirSync(join(folder, name), { recursive: true, mode: 0o700 }), join(folder, name));
    const env = environment(made("home"), made("run"), run.env);
    const configuration = { load: [resolve(run.plugin)], plugins: { [run.name]: true }, ...run.configuration };
    writeFileSync(join(made("home/.config/cloche"), "config.json"), JSON.stringify(configuration), { mode: 0o600 });
    const project = made("project");
    for (const [path, content] of Object.entries(run.project ?? {})) writeFileSync(join(project, path), content);
    return await exec(["exec", "--", ...run.command], project, env, run.deadlineMs ?? DEADLINE_MS);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function environment(home: string, runtime: string, env: MachineRun["env"]): NodeJS.ProcessEnv {
  const { PATH, LANG, XDG_CACHE_HOME = join(homedir(), ".cache") } = process.env;
  return { PATH, LANG, XDG_CACHE_HOME, HOME: home, XDG_RUNTIME_DIR: runtime, ...env };
}

async function exec(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv, deadlineMs: number): Promise<MachineEnded> {
  const cli = fileURLToPath(new URL(`../core/cli${extname(fileURLToPath(import.meta.url))}`, import.meta.url));
  const child = spawn(process.execPath, [cli, ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"], timeout: deadlineMs });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (chunk: string) => (output[stream] = (output[stream] + chunk).slice(-MOST_OUTPUT)));
  }
  const status = await new Promise<number | null>((done, failed) => child.once("error", failed).once("close", done));
  return { status, ...output };
}
