import { readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { hide } from "../support/log.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const PLAIN = ["HOME", "XDG_CONFIG_HOME", "NODE_EXTRA_CA_CERTS", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];

/**
 * The environment npm runs in, built from nothing: where programs are, the user's npm configuration, and the variables which that
 * configuration refers to, such as a token for a mirror. Nothing else of the host's environment is in it.
 */
export function npmEnvironment(hostEnv: Environment, npm: string, folders: readonly string[]): Record<string, string> {
  const env: Record<string, string> = { PATH: [...new Set([dirname(npm), ...folders])].join(delimiter) };
  const names = [...PLAIN, ...Object.keys(hostEnv).filter(isNpmOption)];
  for (const name of names) copy(hostEnv, name, env);
  for (const name of namesInUserConfig(hostEnv)) {
    if (copy(hostEnv, name, env)) hide(env[name] ?? "");
  }
  return env;
}

function copy(from: Environment, name: string, to: Record<string, string>): boolean {
  const value = from[name];
  if (value === undefined || Object.hasOwn(to, name)) return false;
  to[name] = value;
  return true;
}

// npm started us when we run as one of its scripts, and then tells us where that package is; that one is not for another npm.
function isNpmOption(name: string): boolean {
  return /^npm_config_/i.test(name) && !/^npm_config_local_prefix$/i.test(name);
}

function namesInUserConfig(hostEnv: Environment): readonly string[] {
  const file = hostEnv["npm_config_userconfig"] ?? hostEnv["NPM_CONFIG_USERCONFIG"] ?? (hostEnv["HOME"] && join(hostEnv["HOME"], ".npmrc"));
  if (!file) return [];
  try {
    return [...readFileSync(file, "utf8").matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\??\}/g)].map((match) => match[1] ?? "");
  } catch {
    return []; // npm itself will say what is wrong with it
  }
}
