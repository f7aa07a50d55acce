// Runs all tests, part by part, and sums them up; `npm test` comes here once the clone is ready.
// `npm test -- unit jail` runs only those parts; those that take long and are of worth rarely run when they are named.
import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { commandIo } from "../../core/cli/io.ts";
import { hostLook } from "../../core/doctor/host-look.ts";
import { NEEDS } from "../../core/doctor/needs.ts";
import { prepareHost } from "../../core/doctor/prepare.ts";
import { TEST_NEEDS } from "./needs.ts";
import { killRunning, runCommand, runMocha, type Setting } from "./part.ts";
import { unpackQemu10 } from "./qemu10.ts";
import { sum, summary, type Outcome } from "./tally.ts";
import { asTestUser } from "./test-user.ts";

const MINUTE = 60_000;
const root = dirname(dirname(import.meta.dirname));
const isRoot = process.getuid?.() === 0;

function say(line: string): void {
  process.stderr.write(`cloche: ${line}\n`);
}

// started as root too, the tests run as a normal user
const ROOTLESS_NEEDS = NEEDS.map((need) => ({ ...need, onlyRootless: false }));

/** Asks before it installs anything where somebody is there to answer. */
async function prepareTestHost(): Promise<void> {
  const { stdin, stdout, stderr, env } = process;
  const isTerminal = Boolean(stdin.isTTY && stderr.isTTY);
  const io = commandIo({ stdin, stdout, stderr }, env, false, new AbortController().signal);
  const outcome = await prepareHost(hostLook(root, isTerminal, env), { say, ask: isTerminal ? (question) => io.ask(question) : undefined }, [...ROOTLESS_NEEDS, ...TEST_NEEDS]);
  if (outcome === "declined") throw new Error("the tests cannot run without these packages");
}

/** What of our environment the tests get: nothing but where packages come from and what is trusted. */
function environment(): Record<string, string> {
  const names = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "CI", "TERM", "TMPDIR", "DEBUG", "CLOCHE_TEST_GREP"];
  const network = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"];
  const env: Record<string, string> = {};
  for (const name of [...names, ...network]) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  // the test user has no npm configuration of its own
  for (const key of ["registry", "cafile", "proxy", "https-proxy"]) {
    const value = execFileSync("npm", ["config", "get", key], { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    if (value !== "" && value !== "null" && value !== "undefined") env[`npm_config_${key.replace("-", "_")}`] = value;
  }
  return env;
}

function files(...patterns: readonly string[]): readonly string[] {
  return globSync([...patterns], { cwd: root }).sort();
}

/** The parts by name. Machine tests run one after the other: two machines at once would slow each other past their deadlines. */
function parts(here: Setting, user: Setting): Record<string, () => Promise<Outcome>> {
  const machine = files("test/vm/*.test.ts");
  // what depends on QEMU: its jail and filter, its devices, its end, how it maps a template, and what it gives of a machine that is saved
  const otherQemu = machine.filter((file) => /\/(exec|hardening|share|smoke|snapshot|suspend|template)\.test\.ts$/.test(file));
  const unit = files("test/**/*.test.ts").filter((file) => !/^test\/(vm|jail)\//.test(file));
  const jail = files("test/jail/**/*.test.ts");
  const qemu10 = isRoot ? "/var/cache/cloche-test/qemu-10" : join(homedir(), ".cache/cloche-test/qemu-10");
  const all: Record<string, () => Promise<Outcome>> = {
    types: () => runCommand("types", "the types are right", here, [here.node, "node_modules/typescript/bin/tsc", "-p", "tsconfig.json"]),
    unit: () => runMocha("unit", user, unit, 15 * MINUTE, 10_000),
    jail: () => runMocha("jail", user, jail, 10 * MINUTE, 30_000),
    // once and by itself, so that no test's deadline has to hold it
    image: () => runCommand("image", "the image and its template are made", user, [user.node, "dist/core/cli.js", "build"]),
    machine: () => runMocha("machine", user, machine, 60 * MINUTE, 5 * MINUTE),
    tools: () => runMocha("tools", user, files("test/vm/tools/*.test.ts"), 30 * MINUTE, 5 * MINUTE),
    "machine-qemu10": () => {
      unpackQemu10(qemu10);
      return runMocha("machine-qemu10", { ...user, env: { ...user.env, CLOCHE_TEST_QEMU_ROOT: qemu10 } }, otherQemu, 20 * MINUTE, 5 * MINUTE);
    },
  };
  if (isRoot) {
    all["jail-root"] = () => runMocha("jail-root", here, jail, 10 * MINUTE, 30_000);
    all["machine-root"] = () => {
      const cached = { ...here, env: { ...here.env, XDG_CACHE_HOME: cacheForRoot(user.env["HOME"] ?? "") } };
      return runMocha("machine-root", cached, files("test/vm/root/*.test.ts"), 20 * MINUTE, 5 * MINUTE);
    };
  }
  return all;
}

/**
 * A cache of root's own with the images that the test user has made, as links, since they are many. The jail has no capabilities, so the
 * directories must be root's, and the templates too, which their owner alone may read.
 */
function cacheForRoot(home: string): string {
  const cache = "/var/cache/cloche-test/of-root";
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(dirname(cache), { recursive: true }); // the test user reads what lies beside it
  mkdirSync(cache, { mode: 0o700 });
  const made = join(home, ".cache/cloche");
  if (!existsSync(made)) return cache;
  execFileSync("cp", [statSync(made).dev === statSync(cache).dev ? "-al" : "-a", "--no-preserve=ownership", made, cache]);
  const own = join(cache, "cloche");
  rmSync(join(own, "templates"), { recursive: true, force: true });
  if (existsSync(join(made, "templates"))) execFileSync("cp", ["-a", "--no-preserve=ownership", join(made, "templates"), own]);
  rmSync(join(own, "accelerator.json"), { force: true });
  return cache;
}

/** Parts that run only when they are named: making an image with every tool takes minutes. */
const ONLY_BY_NAME: ReadonlySet<string> = new Set(["tools"]);

/** A part that cannot even start is a failure, never a silence. */
async function runPart(name: string, part: () => Promise<Outcome>): Promise<Outcome> {
  say(`tests: ${name}`);
  try {
    return await part();
  } catch (error) {
    return { part: name, seconds: 0, passed: 0, failures: [{ title: "the part as a whole", reason: describe(error) }] };
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return [error.message, ...("hint" in error ? [String(error.hint)] : [])].join("\n");
}

async function main(wanted: readonly string[]): Promise<number> {
  const env = environment();
  await prepareTestHost();
  const here: Setting = { node: process.execPath, root, enter: [], env };
  const user = isRoot ? asTestUser(root, process.execPath, env) : here;
  const all = parts(here, user);
  const unknown = wanted.filter((name) => !(name in all));
  if (unknown.length > 0) throw new Error(`no such part: ${unknown.join(", ")}; there are: ${Object.keys(all).join(", ")}`);

  const outcomes: Outcome[] = [];
  for (const [name, part] of Object.entries(all)) {
    if (wanted.length === 0 ? !ONLY_BY_NAME.has(name) : wanted.includes(name)) outcomes.push(await runPart(name, part));
  }
  process.stdout.write(`${summary(outcomes)}\n`);
  return sum(outcomes).failed === 0 ? 0 : 1;
}

for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
  process.on(signal, () => {
    killRunning();
    process.exit(status);
  });
}
// useradd and others, which a normal user's PATH may lack
process.env["PATH"] = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stdout.write(`${summary([{ part: "setting up", seconds: 0, passed: 0, failures: [{ title: "setting up", reason: describe(error) }] }])}\n`);
  process.exitCode = 1;
}
