import { expect } from "chai";
import { z } from "zod";
import { live } from "../../core/lifecycle.ts";
import { openSession } from "../../core/open-session.ts";
import { definePlugin, type Plugin } from "../../core/plugin.ts";
import type { Machine } from "../../core/machine/machine.ts";
import type { Host } from "../../core/session.ts";
import { ClocheError, isFailure } from "../../core/support/errors.ts";
import { actingFor, fakeHost } from "../support/fake-host.ts";

const none = z.strictObject({});

/** Lives a whole life with these plugins and answers what was done, and how it ended. */
async function liveWith(plugins: readonly Plugin[], overrides: Partial<Host> = {}, signal?: AbortSignal) {
  const { told, host } = fakeHost(overrides);
  const acting = actingFor(signal);
  let status: number | undefined;
  let error: unknown;
  let undoing: unknown;
  try {
    const session = openSession({
      acting,
      host,
      plugins: plugins.map((plugin) => ({ plugin, options: {} })),
      known: [...plugins.map(({ name }) => name), "known-but-off"],
      recipe: { suite: "trixie", packages: ["git"] },
      request: { kind: "exec", argv: ["true"] },
    });
    status = await live(session);
  } catch (reason) {
    error = reason;
  }
  await acting.scope.close().catch((reason: unknown) => { undoing = reason; });
  return { told, status, error, undoing };
}

describe("A life", () => {
  it("goes through its phases in order and undoes them in reverse, teardown taps first", async () => {
    const { told, status } = await liveWith([
      definePlugin({
        name: "mounts",
        description: "",
        options: none,
        build: (recipe) => recipe.addPackages("jq"),
        async provision(guest, { defer }) {
          await guest.run(["mount"]);
          await defer("unmount", () => guest.run(["umount"]));
        },
        teardown: async (guest) => { await guest.run(["sync"]); },
      }),
    ]);
    expect(status).to.equal(0);
    expect(told).to.deep.equal(["image of git jq", "qemu", "ssh", "mount", "control", "run true", "umount", "sync", "qemu gone"]);
  });

  it("kills QEMU though provisioning failed, and names the plugin and the phase", async () => {
    const { told, error } = await liveWith([
      definePlugin({ name: "clumsy", description: "", options: none, provision: () => { throw new Error("dropped it"); } }),
    ]);
    expect((error as ClocheError).message).to.equal('The plugin "clumsy" failed in provision: dropped it');
    expect(told).to.deep.equal(["image of git", "qemu", "ssh", "qemu gone"]);
  });

  for (const phase of ["build", "boot", "provision", "attach"] as const) {
    it(`ends when a plugin rejects in ${phase}`, async () => {
      const plugin = definePlugin({ name: "sad", description: "", options: none, [phase]: async () => { throw new Error("no"); } });
      const { error } = await liveWith([plugin]);
      expect(isFailure(error, "PLUGIN_FAILED")).to.equal(true);
      expect((error as ClocheError).message).to.contain(`"sad" failed in ${phase}`);
    });

    it(`lets Ctrl-C through though a plugin hangs in ${phase}`, async () => {
      const controller = new AbortController();
      const reason = new Error("Ctrl-C");
      const plugin = definePlugin({
        name: "stuck", description: "", options: none,
        [phase]: () => { setImmediate(() => controller.abort(reason)); return new Promise<void>(() => {}); },
      });
      const { error } = await liveWith([plugin], {}, controller.signal);
      expect(error).to.equal(reason);
    });
  }

  it("runs every teardown tap though one fails, and reports the failure", async () => {
    const { told, undoing } = await liveWith([
      definePlugin({ name: "first", description: "", options: none, teardown: () => { throw new Error("broke"); } }),
      definePlugin({ name: "second", description: "", options: none, teardown: async (guest) => { await guest.run(["saved"]); } }),
    ]);
    expect(told).to.include("saved").and.to.include("qemu gone");
    const [step] = (undoing as AggregateError).errors as AggregateError[];
    expect((step?.errors[0] as ClocheError).message).to.equal('The plugin "first" failed in teardown: broke');
  });

  it("awaits an async function that was given to a plain tap by hand", async () => {
    const { told } = await liveWith([
      definePlugin({
        name: "byhand", description: "", options: none,
        tap: (hooks) => hooks.provision.tap("byhand", async (guest) => {
          await new Promise((resolve) => { setTimeout(resolve, 5); });
          await guest.run(["awaited"]);
        }),
      }),
    ]);
    expect(told.indexOf("awaited")).to.be.greaterThan(-1).and.lessThan(told.indexOf("control"));
  });

  it("prepares the guest for several plugins at once, but for one that did not come with cloche only after all before it", async () => {
    const plugin = (name: string, ms: number) => definePlugin({
      name, description: "", options: none,
      async provision(guest) {
        await guest.run([`${name} begins`]);
        await new Promise((resolve) => { setTimeout(resolve, ms); });
        await guest.run([`${name} ends`]);
      },
    });
    const { told } = await liveWith([plugin("slow", 30), plugin("quick", 5), { ...plugin("foreign", 5), file: "/foreign.js" }]);
    const provisioned = told.slice(told.indexOf("ssh") + 1, told.indexOf("control"));
    expect(provisioned).to.deep.equal(["slow begins", "quick begins", "quick ends", "slow ends", "foreign begins", "foreign ends"]);
  });

  it("hands services from one plugin to those that come after it", async () => {
    const lender = definePlugin({
      name: "lender", description: "", options: none,
      build: (_recipe, { provide }) => provide("answer" as never, 42 as never),
    });
    const borrower = definePlugin({
      name: "borrower", description: "", options: none, after: ["lender"],
      build: (recipe, { use }) => recipe.addPackages(`p${String(use("answer" as never))}`),
    });
    const { told } = await liveWith([borrower, lender]);
    expect(told[0]).to.equal("image of git p42");
    const alone = await liveWith([definePlugin({
      name: "alone", description: "", options: none,
      build: (_recipe, { use }) => { use("answer" as never); },
    })]);
    expect(isFailure(alone.error, "PLUGIN_SERVICE_MISSING")).to.equal(true);
  });

  it("refuses an unknown name in `after`, and a cycle, before anything runs", async () => {
    const lost = await liveWith([definePlugin({ name: "lost", description: "", options: none, after: ["nobody"] })]);
    expect(lost).to.have.property("error").with.property("code", "PLUGIN_ORDER_UNKNOWN");
    expect(lost.told).to.deep.equal([]);
    const cycle = await liveWith([
      definePlugin({ name: "egg", description: "", options: none, after: ["hen"] }),
      definePlugin({ name: "hen", description: "", options: none, after: ["egg"] }),
    ]);
    expect(cycle).to.have.property("error").with.property("code", "PLUGIN_ORDER_CYCLE");
    const off = await liveWith([definePlugin({ name: "late", description: "", options: none, after: ["known-but-off"] })]);
    expect(off.status).to.equal(0);
  });

  it("names the file of a plugin from outside that asks for an option it does not have, and makes no image", async () => {
    const options = z.strictObject({ level: z.number().optional() });
    type Wrong = { readonly options: { readonly levle: number } };
    const fromFile = (plugin: Plugin): Plugin => ({ ...plugin, file: "/mine/tools.mjs" });
    const tools = { name: "tools", description: "", options };
    for (const plugin of [
      definePlugin({ ...tools, build: (_recipe, reach) => void (reach as unknown as Wrong).options.levle }),
      definePlugin({ ...tools, tap: (_hooks, reach) => void (reach as unknown as Wrong).options.levle }),
    ]) {
      const { told, error } = await liveWith([fromFile(plugin)]);
      expect((error as ClocheError).message).to.include('/mine/tools.mjs asks for the option "levle", which it does not have. Did you mean "level"?').and.not.include("\n");
      expect((error as ClocheError).hint).to.include("Its options are: level");
      expect(told).to.deep.equal([]);
    }
    expect((await liveWith([fromFile(definePlugin({ ...tools, build: (_recipe, reach) => void reach.options.level }))])).status).to.equal(0);
  });

  it("names the file of a plugin from outside that taps an unknown phase by hand, and makes no image", async () => {
    const plugin = definePlugin({ name: "tools", description: "", options: none, tap: (hooks) => (hooks as unknown as { provison: { tap(): void } }).provison.tap() });
    const { told, error } = await liveWith([{ ...plugin, file: "/mine/tools.mjs" }]);
    expect(error).to.have.property("code", "PLUGIN_NOT_LOADED");
    expect((error as ClocheError).message).to.include("/mine/tools.mjs").and.include('"provison", which does not exist. Did you mean "provision"?').and.not.include("\n");
    expect(told).to.deep.equal([]);
  });
});

describe("The launch", () => {
  const request = { kind: "agent", args: ["--continue"] } as const;
  async function launchWith(plugins: readonly Plugin[]) {
    let argv: readonly string[] = [];
    const { host } = fakeHost({ attach: async (_guest, launch) => { argv = launch.argv; return 7; } });
    const session = openSession({
      acting: actingFor(), host, request,
      plugins: plugins.map((plugin) => ({ plugin, options: {} })), known: [],
      recipe: { suite: "trixie", packages: [] },
    });
    return { status: await live(session), argv };
  }
  const agent = (name: string) => definePlugin({
    name, description: "", options: none,
    attach: (launch) => launch.setAgent(name, [name, ...(launch.request.kind === "agent" ? launch.request.args : [])]),
  });

  it("starts the agent that a plugin provides, with the user's arguments untouched, and answers its status", async () => {
    expect(await launchWith([agent("claude")])).to.deep.equal({ status: 7, argv: ["claude", "--continue"] });
  });

  it("says when there is no agent, or more than one", async () => {
    const codeOf = (plugins: readonly Plugin[]) => launchWith(plugins).then(() => "", (error: Error) => {
      const cause = error.cause as ClocheError | undefined;
      return cause?.code ?? (error as ClocheError).code;
    });
    expect(await codeOf([])).to.equal("AGENT_MISSING");
    expect(await codeOf([agent("a"), agent("b")])).to.equal("AGENT_TWICE");
  });

  it("gives what is the agent's alone to no other command", async () => {
    const seen: unknown[] = [];
    const { host } = fakeHost({ attach: async (_guest, { env, commonEnv }) => { seen.push({ env, commonEnv }); return 0; } });
    const keys = definePlugin({
      name: "keys", description: "", options: none,
      attach: (launch) => { launch.addEnvironment("CA", "/ca"); launch.addAgentEnvironment("KEY", "k"); launch.setAgent("a", ["a"]); },
    });
    for (const kind of ["agent", "shell"] as const) {
      const asked = kind === "agent" ? ({ kind, args: [] } as const) : ({ kind } as const);
      await live(openSession({
        acting: actingFor(), host, request: asked, plugins: [{ plugin: keys, options: {} }], known: [],
        recipe: { suite: "trixie", packages: [] },
      }));
    }
    expect(seen).to.deep.equal([
      { env: { CA: "/ca", KEY: "k" }, commonEnv: { CA: "/ca" } },
      { env: { CA: "/ca" }, commonEnv: { CA: "/ca" } },
    ]);
  });

  it("prepares nothing in the guest before all stands in the jail's network", async () => {
    const { told, host } = fakeHost();
    const opening = Promise.withResolvers<void>();
    const prepares = definePlugin({ name: "prepares", description: "", options: none, provision: () => void told.push("provision tap") });
    const living = liveWith([prepares], {
      ...host,
      startMachine: async () => ({ networkReady: opening.promise }) as Machine,
      enterGuest: async (...given) => { setTimeout(() => { told.push("network"); opening.resolve(); }, 20); return await host.enterGuest(...given); },
    });
    expect((await living).status).to.equal(0);
    expect(told.slice(1, 4)).to.deep.equal(["ssh", "network", "provision tap"]);
  });

  it("fails at once when something cannot stand there, whatever the guest does", async () => {
    const { host } = fakeHost();
    const networkReady = Promise.reject<void>(new Error("no gateway"));
    networkReady.catch(() => {});
    const { error } = await liveWith([], { ...host, startMachine: async () => ({ networkReady }) as Machine, enterGuest: () => new Promise(() => {}) });
    expect(String(error)).to.equal("Error: no gateway");
  });

  it("waits for SSH last, when all is ready for the command but that", async () => {
    const { told, host } = fakeHost();
    const asked = definePlugin({ name: "asked", description: "", options: none, attach: () => void told.push("attach tap") });
    const entered = await host.enterGuest({} as never, {} as never);
    const reached = async (): Promise<void> => void told.push("SSH is there");
    const { error, status } = await liveWith([asked], { ...host, enterGuest: async () => ({ ...entered, reached }) });
    expect(error).to.equal(undefined);
    expect(status).to.equal(0);
    expect(told.slice(-5)).to.deep.equal(["attach tap", "control", "SSH is there", "run true", "qemu gone"]);
  });

  it("runs nothing and fails with the reason when SSH does not come", async () => {
    const { told, host } = fakeHost();
    const entered = await host.enterGuest({} as never, {} as never);
    const { error } = await liveWith([], { ...host, enterGuest: async () => ({ ...entered, reached: () => Promise.reject(new Error("no sshd")) }) });
    expect(String(error)).to.equal("Error: no sshd");
    expect(told).to.include("control").and.not.include("run true");
  });

  it("ends when a plugin gives up between the phases, and names it", async () => {
    const lost = definePlugin({ name: "lost", description: "", options: none, boot: (_machine, { giveUp }) => giveUp(new Error("its helper died")) });
    const { error } = await liveWith([lost], {
      startMachine: async (_image, _plan, { signal, scope }) => {
        await scope.defer("qemu", () => {});
        signal.throwIfAborted();
        throw new Error("went on");
      },
    });
    expect(isFailure(error, "PLUGIN_GAVE_UP")).to.equal(true);
    expect((error as ClocheError).message).to.equal('The plugin "lost" ended the session: its helper died');
  });
});
