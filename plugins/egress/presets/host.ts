import { execFile } from "node:child_process";
import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { z } from "zod";
import { findProgram, trustedPath } from "../../../core/index.ts";
import type { PresetHost } from "./preset.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const DEADLINE_MS = 20_000;
const FRESH_MS = 7 * 86_400_000;
const MOST_REMEMBERED = 100;
const REMEMBERED = z.record(z.string(), z.object({ at: z.number(), found: z.array(z.string()) }));
const LARGEST_BYTES = 1024 * 1024;
// what the tools need to find the user's configuration, and to reach the network as he does
const KEPT = /^(HOME|LANG|LC_ALL|XDG_CONFIG_HOME|XDG_CONFIG_DIRS|SSL_CERT_FILE|SSL_CERT_DIR|NODE_EXTRA_CA_CERTS|PIP_.*|npm_config_.*|(http|https|all|no)_proxy)$/i;

/** This host as presets see it. Programs that lie in the project are never run, and nothing is run in it. */
export function presetHost(env: Environment, project: string, cacheDir: string): PresetHost {
  const home = env["HOME"] ?? homedir();
  const folders = trustedPath(env["PATH"], project);
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => KEPT.test(name) && !/local_prefix$/i.test(name)));
  return {
    home,
    env,
    read: readSmall,
    remember: async (key, find) => await rememberIn(join(cacheDir, "egress-presets.json"), key, find),
    async ask(tool, ...args) {
      const program = findProgram(tool, folders);
      if (program === undefined) return undefined;
      const options = { cwd: "/", env: { ...kept, PATH: folders.join(delimiter) }, timeout: DEADLINE_MS, maxBuffer: LARGEST_BYTES, killSignal: "SIGKILL" as const };
      return await new Promise((resolve) => execFile(program, args, options, (error, stdout) => resolve(error ? undefined : stdout)));
    },
  };
}

async function rememberIn(file: string, key: string, find: () => Promise<readonly string[]>): Promise<readonly string[]> {
  const known = REMEMBERED.safeParse(parsed(readSmall(file) ?? "{}")).data ?? {};
  const before = known[key];
  if (before && Date.now() - before.at < FRESH_MS) return before.found;
  const found = await find();
  if (found.length > 0) {
    const entries = [...Object.entries(known).filter(([other]) => other !== key), [key, { at: Date.now(), found }]].slice(-MOST_REMEMBERED);
    try {
      writeFileSync(`${file}.${process.pid}`, JSON.stringify(Object.fromEntries(entries)), { mode: 0o600 });
      renameSync(`${file}.${process.pid}`, file);
    } catch {
      // then it is found out again the next time
    }
  }
  return found;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readSmall(path: string): string | undefined {
  try {
    const { size } = statSync(path);
    return size > LARGEST_BYTES ? undefined : readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
