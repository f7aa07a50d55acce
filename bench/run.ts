// What `npm run bench` runs: how fast cloche is here, as whole processes. `--runs N` says how often, `--only GROUP,GROUP` what,
// `--figure PATTERN` which figures of these groups, `--build` makes images too, and `--compare FILE` sets an earlier run beside this one.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { reasonOf, takeOnly, wants, type Group } from "./bench.ts";
import { table, type Figure } from "./figure.ts";
import { agent } from "./groups/agent.ts";
import { credentials } from "./groups/credentials.ts";
import { docker } from "./groups/docker.ts";
import { egress } from "./groups/egress.ts";
import { files } from "./groups/files.ts";
import { images } from "./groups/images.ts";
import { program } from "./groups/program.ts";
import { saving } from "./groups/saving.ts";
import { sessions } from "./groups/sessions.ts";
import { share } from "./groups/share.ts";
import { starts } from "./groups/starts.ts";
import { swap } from "./groups/swap.ts";
import { terminal } from "./groups/terminal.ts";

const GROUPS: Readonly<Record<string, Group>> = { program, starts, sessions, saving, agent, credentials, swap, images, docker, files, share, terminal, egress };

const { values: options } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    build: { type: "boolean", default: false },
    only: { type: "string" },
    figure: { type: "string" },
    compare: { type: "string" },
  },
});

/** The system whose QEMU the sessions run, when it is not the host's. */
const qemuRoot = process.env["CLOCHE_TEST_QEMU_ROOT"];

function hostFacts(): Record<string, string | number> {
  const text = (command: string, ...args: readonly string[]) => {
    try {
      return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).split("\n")[0] ?? "";
    } catch {
      return "unknown";
    }
  };
  return {
    time: new Date().toISOString(),
    commit: text("git", "-C", dirname(import.meta.dirname), "rev-parse", "HEAD"),
    processors: cpus().length,
    processor: cpus()[0]?.model ?? "unknown",
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    kernel: release(),
    node: process.versions.node,
    qemu: qemuRoot === undefined ? text("qemu-system-x86_64", "--version") : text("bwrap", "--ro-bind", qemuRoot, "/", "/usr/bin/qemu-system-x86_64", "--version"),
    accelerator: existsSync("/dev/kvm") ? "KVM where it works; see cloche doctor" : "software emulation",
  };
}

async function measure(wanted: readonly string[]): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const [name, group] of Object.entries(GROUPS)) {
    if (!wanted.includes(name)) continue;
    const say = (line: string): void => void process.stderr.write(`bench: ${name}: ${line}\n`);
    say("begins");
    const taken = await group({ runs: Number(options.runs), build: options.build, say }).catch((error: unknown): Figure[] => [
      { name: `all of ${name}`, unit: "ms", samples: [], missing: reasonOf(error) },
    ]);
    figures.push(...taken.filter((figure) => wants(figure) || figure.name === `all of ${name}`));
  }
  return figures;
}

const wanted = options.only?.split(",") ?? Object.keys(GROUPS);
const unknown = wanted.filter((name) => !(name in GROUPS));
if (unknown.length > 0) throw new Error(`no such group: ${unknown.join(", ")}; there are: ${Object.keys(GROUPS).join(", ")}`);
if (options.figure !== undefined) takeOnly(new RegExp(options.figure));
const earlier = options.compare === undefined ? undefined : (JSON.parse(readFileSync(options.compare, "utf8")) as { figures: readonly Figure[] }).figures;
const facts = hostFacts();
const figures = await measure(wanted);
const results = join(import.meta.dirname, "results");
mkdirSync(results, { recursive: true });
const file = join(results, `${String(facts["time"]).replaceAll(":", "-")}.json`);
writeFileSync(file, `${JSON.stringify({ host: facts, figures }, undefined, 2)}\n`);
process.stdout.write(`${table(figures, earlier)}\n\n${facts["processors"]} processors, ${facts["qemu"]}\n${file}\n`);
