import { spawn } from "node:child_process";

const KEPT = 64 * 1024;

/**
 * Runs a command to its end and answers what it printed. Throws with the end of its output when it does not exit with 0.
 * @param {readonly string[]} argv
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 */
export async function run([command, ...args], { cwd, env = process.env }) {
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const keep = (chunk) => (output = (output + chunk).slice(-KEPT));
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  const end = await new Promise((resolve) => {
    child.once("error", (error) => resolve(error));
    child.once("close", (code, signal) => resolve(signal ?? code));
  });
  if (end.code === "ENOENT") throw new Error(`${command} is needed to set up this clone, and is not there. Install it through your system's package manager.`);
  if (end !== 0) throw new Error(`"${[command, ...args].join(" ")}" ended with ${end}:\n${output.trim()}`);
  return output;
}

/** The environment with the folder of this Node first in the PATH, so that npm runs under it too. */
export function envWith(node) {
  const folder = node.slice(0, node.lastIndexOf("/"));
  return { ...process.env, PATH: `${folder}:${process.env.PATH ?? ""}` };
}
