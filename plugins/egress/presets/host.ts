import { execFile } from "node:child_process";
import { accessSync, constants, readFileSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join, sep } from "node:path";
import type { PresetHost } from "./preset.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const DEADLINE_MS = 20_000;
const LARGEST_BYTES = 1024 * 1024;
// what the tools need to find the user's configuration, and to reach the network as he does
const KEPT = /^(HOME|LANG|LC_ALL|XDG_CONFIG_HOME|XDG_CONFIG_DIRS|SSL_CERT_FILE|SSL_CERT_DIR|NODE_EXTRA_CA_CERTS|PIP_.*|npm_config_.*|(http|https|all|no)_proxy)$/i;

/** This host as presets see it. Programs that lie in the project are never run, and nothing is run in it. */
export function presetHost(env: Environment, project: string): PresetHost {
  const home = env["HOME"] ?? homedir();
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => isAbsolute(folder) && !isInside(folder, project));
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => KEPT.test(name) && !/local_prefix$/i.test(name)));
  return {
    home,
    env,
    read: readSmall,
    async ask(tool, ...args) {
      const program = folders.map((folder) => join(folder, tool)).find(isProgram);
      if (program === undefined) return undefined;
      const options = { cwd: "/", env: { ...kept, PATH: folders.join(delimiter) }, timeout: DEADLINE_MS, maxBuffer: LARGEST_BYTES, killSignal: "SIGKILL" as const };
      return await new Promise((resolve) => execFile(program, args, options, (error, stdout) => resolve(error ? undefined : stdout)));
    },
  };
}

function readSmall(path: string): string | undefined {
  try {
    const { size } = statSync(path);
    return size > LARGEST_BYTES ? undefined : readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function isInside(folder: string, project: string): boolean {
  try {
    const real = realpathSync(folder);
    return real === project || real.startsWith(project + sep);
  } catch {
    return true; // what does not exist is not searched
  }
}
