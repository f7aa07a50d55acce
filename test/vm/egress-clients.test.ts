import { Resolver } from "node:dns/promises";
import { expect } from "chai";
import { classify } from "../../plugins/egress/addresses/classify.ts";
import { presetHost } from "../../plugins/egress/presets/host.ts";
import { resolvePresets } from "../../plugins/egress/presets/presets.ts";
import { Place } from "../support/place.ts";
import { Program } from "../support/program.ts";
import type { Started } from "../support/started.ts";

const MINUTE = 60_000;
const SESSION = "clients";
const BECOME_ROOT = ["become", "--reuid=0", "--regid=0", "--clear-groups", "--"];

const PRESETS = ["npm", "pip", "apt"] as const;

/** Rules for where the host's mirrors are, when that is no public address: a user on such a network names them. */
async function specialAddresses({ env, project }: Place): Promise<readonly string[]> {
  const { resolved } = await resolvePresets(PRESETS, presetHost(env, project, project));
  const hosts = resolved.flatMap(({ rules }) => rules).map((rule) => (typeof rule === "string" ? rule : rule.host).split(":"));
  const found = await Promise.all(hosts.map(async ([name = "", port = "443"]) => {
    const addresses = await new Resolver().resolve4(name).catch(() => []);
    return addresses.filter((address) => classify(address) !== "public").map((address) => `${address}:${port}`);
  }));
  return [...new Set(found.flat())];
}

// the registry's own client, as the registry has it
const NPM = `
set -eu
cd "$(mktemp -d)"
curl -fsS "$npm_config_registry"npm/latest | python3 -c 'import json, sys; print(json.load(sys.stdin)["dist"]["tarball"])' | xargs curl -fsS -o npm.tgz
tar xzf npm.tgz
echo '{}' >package.json
node package/bin/npm-cli.js install --no-audit --no-fund --ignore-scripts is-number >&2
node -p 'require("is-number")(7)'`;

describe("Real clients in a machine, with presets and no other settings", function () {
  this.timeout(4 * MINUTE);
  let program: Program;
  let place: Place;
  let keeper: Started;

  before(async function () {
    this.timeout(20 * MINUTE);
    program = new Program("root-door");
    place = new Place("project", {}, program.command);
    place.configure({ image: { packages: ["nodejs", "python3-pip"] }, egress: { presets: [...PRESETS], allow: await specialAddresses(place), notify: false } });
    keeper = place.cloche(["exec", "--name", SESSION, "--", "sh", "-c", "echo ready; exec cat"], { deadlineMs: 20 * MINUTE });
    await keeper.says(/ready\n/);
  });
  after(async () => {
    keeper?.stdin.end();
    await keeper?.ended;
    place?.[Symbol.dispose]();
    program?.[Symbol.dispose]();
  });

  async function bash(script: string, user: "agent" | "root" = "agent"): Promise<string> {
    const argv = [...(user === "root" ? BECOME_ROOT : []), "bash", "-c", script];
    const { status, stdout, stderr } = await place.cloche(["exec", "--session", SESSION, "--", ...argv], { input: "", deadlineMs: 3 * MINUTE }).ended;
    expect(status, `${script}\n${stdout}${stderr}`).to.equal(0);
    return stdout;
  }

  it("npm installs a package from where the host's npm gets it", async () => {
    expect(await bash(NPM)).to.equal("true\n");
  });

  it("pip downloads a package from where the host's pip gets it", async () => {
    expect(await bash('set -e; cd "$(mktemp -d)"; pip3 --disable-pip-version-check download --no-deps -q six >&2; ls')).to.match(/^six-.*\.whl\n$/);
  });

  it("apt reads the lists from where the host's apt gets them", async () => {
    expect(await bash("apt-get update -qq >&2 && apt-cache policy hello | head -3", "root")).to.match(/Candidate: [0-9]/);
  });

  it("git and curl are told at once that another host is prohibited", async () => {
    expect(await bash("curl -sS https://denied.example/ 2>&1 || true; git ls-remote https://denied.example/x 2>&1 || true")).to.match(/denied\.example[^]*denied\.example/);
  });

  it("and what they did stands in the log, by preset", async () => {
    const { stdout } = await place.cloche(["egress", "log", "--session", SESSION], { input: "" }).ended;
    for (const name of ["npm", "pip", "apt"]) expect(stdout).to.include(`allowed by the preset ${name}`);
    expect(stdout).to.match(/refused {2}denied\.example {2}no rule names this host/);
  });
});
