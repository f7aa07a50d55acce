import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect } from "chai";
import { LaunchCollector } from "../../../core/attach/draft.ts";
import { PROVISION, type ProvisionStep } from "../../../core/config/provision-section.ts";
import { toolProblem } from "../../../core/image/tools/names.ts";
import type { Recipe } from "../../../core/image/recipe.ts";
import { live } from "../../../core/lifecycle.ts";
import type { CommandEnd, Guest, GuestCommand } from "../../../core/machine/guest.ts";
import { openSession } from "../../../core/open-session.ts";
import { definePlugin } from "../../../core/plugin.ts";
import type { ProvisionPlan } from "../../../core/provision/plan.ts";
import { NO_WISHES, type Wishes } from "../../../core/wishes.ts";
import { z } from "zod";
import { failureOf } from "../config/fixture.ts";
import { actingFor, fakeHost } from "../../support/fake-host.ts";

class Folder implements Disposable {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), "cloche-wishes-")));

  file(name: string, content: string | Uint8Array = name): string {
    const path = join(this.path, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, content, { mode: 0o640 });
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

const plan = (steps: readonly object[], directory = "/nowhere", isProjects = false): ProvisionPlan => ({ steps: PROVISION.parse(steps) as readonly ProvisionStep[], directory, isProjects });

const mounts = definePlugin({ name: "mounts", description: "", options: z.strictObject({}), provision: async (guest) => void (await guest.run(["mount"])) });

/** A life with these wishes: what the image would hold, and what was done in the guest, in order. */
async function lifeWith(wishes: Partial<Wishes>, end: CommandEnd = { kind: "exit", status: 0 }) {
  const { told, seen, host } = fakeHost();
  const commands: GuestCommand[] = [];
  const enterGuest = host.enterGuest.bind(host);
  const open: Guest["open"] = async (command) => {
    commands.push(command);
    told.push(`${command.user}@${command.cwd ?? "~"}: ${command.argv.join(" ").replace("umask 022\n", "")}`);
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    stdout.end("so far \u001b[31mso good\n");
    stderr.end();
    const ended = new Promise<CommandEnd>((resolve) => stdout.once("end", () => resolve(end)));
    return { stdin, stdout, stderr, ended, resize() {}, signal() {}, close() {} };
  };
  const session = openSession({
    acting: actingFor(),
    host: { ...host, enterGuest: async (...all) => ({ ...(await enterGuest(...all)), open }) },
    plugins: [{ plugin: mounts, options: {} }],
    known: [],
    recipe: { suite: "trixie", packages: [] },
    request: { kind: "exec", argv: ["true"] },
    wishes: { ...NO_WISHES, ...wishes },
  });
  await live(session);
  return { told, recipe: seen.recipe as Recipe, files: seen.files, launch: seen.launch };
}

describe("The steps of `provision`", () => {
  it("run in the guest as the user or as root, before the mounts or after them, in their order", async () => {
    const { told } = await lifeWith({
      provision: plan([{ run: "npm ci" }, { run: "sysctl x", as: "root", beforeMounts: true }, { run: "make", as: "root" }]),
    });
    expect(told.slice(told.indexOf("ssh"))).to.deep.equal([
      "ssh", "root@~: /bin/sh -euc sysctl x", "mount", "agent@/project: /bin/sh -euc npm ci", "root@/project: /bin/sh -euc make", "control", "run true",
    ]);
  });

  it("end the start when one fails, with what it said, harmless for the terminal", async () => {
    const failure = await failureOf(lifeWith({ provision: plan([{ run: "false\nmore" }]) }, { kind: "exit", status: 3 }));
    expect(failure.code).to.equal("PROVISION_RUN_FAILED");
    expect(failure.message).to.include('"false" of "provision" ended with the status 3').and.include("so far \\u{1b}[31mso good").and.not.include("\u001b");
  });

  it("copy files and folders of the host, with their modes", async () => {
    using folder = new Folder();
    folder.file("tools/a");
    folder.file("tools/deep/b", new Uint8Array([0, 255]));
    const { files } = await lifeWith({ provision: plan([{ copy: "tools", to: "/opt/tools" }, { copy: join(folder.path, "tools/a"), to: "/etc/a", beforeMounts: true }], folder.path) });
    expect(Object.keys(files)).to.have.members(["/opt/tools/a", "/opt/tools/deep/b", "/etc/a"]);
  });

  it("copy no link, and nothing that is no file", async () => {
    using folder = new Folder();
    symlinkSync("/etc/hostname", join(folder.path, "link"));
    mkdirSync(join(folder.path, "below"));
    symlinkSync("/etc/hostname", join(folder.path, "below/link"));
    execFileSync("mkfifo", [join(folder.path, "pipe")]);
    for (const copy of ["link", "below", "pipe", "gone"]) {
      expect((await failureOf(lifeWith({ provision: plan([{ copy, to: "/x" }], folder.path) }))).code, copy).to.equal("PROVISION_COPY_REFUSED");
    }
  });

  it("copy nothing from beyond the project when the project's own file wants it", async () => {
    using folder = new Folder();
    folder.file("project/inside");
    folder.file("outside");
    const project = join(folder.path, "project");
    mkdirSync(join(folder.path, "elsewhere"));
    folder.file("elsewhere/secret");
    symlinkSync("../elsewhere", join(project, "linked"));
    for (const copy of ["../outside", join(folder.path, "outside"), "~/.ssh", "linked/secret", "/etc/passwd"]) {
      expect((await failureOf(lifeWith({ provision: plan([{ copy, to: "/x" }], project, true) }))).code, copy).to.equal("PROVISION_COPY_REFUSED");
    }
    expect((await lifeWith({ provision: plan([{ copy: "inside", to: "/x" }], project, true) })).files).to.deep.equal({ "/x": "project/inside" });
    expect((await failureOf(lifeWith({ provision: plan([{ copy: "inside", to: "/x", bake: true }], project, true) }))).message).to.include("may not bake files");
  });

  it("are part of the image and of its name when they are baked", async () => {
    using folder = new Folder();
    folder.file("rc", "set -o vi\n");
    const steps = plan([{ run: "echo 'it is' | tee /etc/x", as: "root", bake: true }, { run: "cargo install x", bake: true }, { copy: "rc", to: "/home/agent/.bashrc", bake: true }], folder.path);
    const { recipe, told } = await lifeWith({ provision: steps });
    expect(recipe.files.map(({ path, content }) => [path, content])).to.deep.equal([
      ["/home/agent/.bashrc", "set -o vi\n"],
      ["/usr/lib/cloche/provision/0", "echo 'it is' | tee /etc/x\n"],
      ["/usr/lib/cloche/provision/1", "cargo install x\n"],
    ]);
    expect(recipe.commands).to.deep.equal([
      "cd / && sh -eu /usr/lib/cloche/provision/0",
      "cd /home/agent && runuser -u agent -- env HOME=/home/agent sh -eu /usr/lib/cloche/provision/1",
      "chown -R agent:agent /home/agent/'.bashrc'",
    ]);
    expect(told.join("\n")).to.not.include("cargo");
  });

  it("are refused where they make no sense", () => {
    for (const step of [{ run: "" }, { run: "x", to: "/x" }, { copy: "x" }, { copy: "x", to: "relative" }, { copy: "x", to: "/a/../b" }, { run: "x", as: "somebody" }, {}]) {
      expect(PROVISION.safeParse([step]).success, JSON.stringify(step)).to.equal(false);
    }
  });
});

describe("Tools by name", () => {
  it("come from Debian's packages", async () => {
    const { recipe } = await lifeWith({ tools: ["python", "java@21", "go", "rust", "chrome", "nix", "node"] });
    expect(recipe.packages).to.include.members(["python3-venv", "openjdk-21-jdk-headless", "golang-go", "cargo", "chromium", "nix-bin", "nodejs"]);
  });

  it("say to the agent and to every command where they are, unless a plugin says otherwise", async () => {
    expect((await lifeWith({ tools: ["chrome"] })).launch).to.deep.include({ env: { CHROME_BIN: "/usr/bin/chromium", PUPPETEER_EXECUTABLE_PATH: "/usr/bin/chromium", PUPPETEER_SKIP_DOWNLOAD: "true" } });
    expect((await lifeWith({ tools: ["go"] })).launch?.env).to.deep.equal({});
    const draft = new LaunchCollector({ kind: "exec", argv: ["true"] }, "/project", { CHROME_BIN: "/usr/bin/chromium" });
    draft.addEnvironment("CHROME_BIN", "/opt/mine");
    expect(draft.finish().commonEnv).to.deep.equal({ CHROME_BIN: "/opt/mine" });
  });

  it("come from the npm registry where Debian has one version only, pinned by checksum", async () => {
    const { recipe } = await lifeWith({ tools: ["node@24"] });
    expect(recipe.layers.map(({ name, key }) => [name, key["version"]])).to.deep.equal([["node", "24.21.0"], ["npm", "11.21.2"]]);
    expect(recipe.packages).to.not.include("nodejs");
    expect((await failureOf(lifeWith({ tools: ["node@19"] }))).hint).to.include("node@24");
  });

  it("are named in one line when they cannot be had", () => {
    expect(["node", "node@24", "node@24.21.0", "java@21", "nix"].map(toolProblem)).to.deep.equal([undefined, undefined, undefined, undefined, undefined]);
    expect(toolProblem("nod")).to.include('Did you mean "node"?');
    expect(toolProblem("go@1.22")).to.include("comes in the version that the Debian release has");
    expect(toolProblem("java@8")).to.include("java@21");
    expect(toolProblem("node@latest")).to.include("major version");
    expect(toolProblem("constructor")).to.include("there is no tool");
  });

  it("add nothing when there are none", async () => {
    const { recipe } = await lifeWith({});
    expect({ packages: recipe.packages, commands: recipe.commands, layers: recipe.layers, files: recipe.files }).to.deep.equal({ packages: [], commands: [], layers: [], files: [] });
  });

  it("leave the agent without sudo unless it is switched on", async () => {
    const { recipe } = await lifeWith({ sudo: true });
    expect(recipe.packages).to.deep.equal(["sudo"]);
    expect(recipe.files[0]).to.deep.include({ path: "/etc/sudoers.d/cloche", mode: 0o440 });
  });
});
