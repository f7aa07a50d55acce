import { expect } from "chai";
import { execa } from "execa";
import type { Guest, GuestChannel, MachineDraft, Share } from "../../../core/index.ts";
import { makeHooks } from "../../../core/hooks.ts";
import type { Reach } from "../../../core/plugin.ts";
import { logger } from "../../../core/support/log.ts";
import type { Loan } from "../../../plugins/share-9p/lend.ts";
import { Keeper } from "../../../plugins/share-9p/keeper.ts";
import { mountShare } from "../../../plugins/share-9p/mount.ts";
import plugin from "../../../plugins/share-9p/index.ts";
import { actingFor } from "../../support/fake-host.ts";
import { localGuest } from "../../core/sessions/local-guest.ts";

const never = new AbortController().signal;
const PROJECT = `/srv/a, "b" it's\nü $(c)`;

/** A guest in which the script that mounts the share says what `mounting` says, and the one that keeps it is this one instead. */
function guestThat(mounting: string, keeping = "read line; echo free") {
  const local = localGuest();
  const mounted: (readonly string[])[] = [];
  const guest: Pick<Guest, "run" | "start"> = {
    async run(argv) {
      mounted.push(argv);
      const { stdout } = await execa("/bin/sh", ["-c", `{ ${mounting}\n} 2>&1`], { reject: false, stdin: "ignore", forceKillAfterDelay: false });
      return { stdout, stderr: "" };
    },
    start: async () => await local.guest.open({ user: "root", argv: ["/bin/sh", "-c", keeping] }),
  };
  return { mounted, guest: guest as Guest };
}

function loanAt(target: string): Loan {
  return { tag: "project", source: target, target, readOnly: false, overlay: false, local: [] };
}

async function failureOf(script: string) {
  const { guest } = guestThat(script);
  return await mountShare(guest, loanAt(PROJECT), { size: "50%" }, never).then(() => undefined, (error: { code: string; message: string }) => error);
}

/** The plugin's hooks in a session over PROJECT. */
function tapped() {
  const failures: Error[] = [];
  const deadlineMs = { build: 1_000, boot: 1_000, provision: 5_000, attach: 1_000, teardown: 5_000 };
  const hooks = makeHooks({ signal: never, deadlineMs, onTeardownError: (error) => failures.push(error) });
  const { session, scope, progress } = actingFor();
  const reach = { signal: never, log: logger("test"), progress, session: { ...session, project: PROJECT }, defer: scope.defer.bind(scope) };
  plugin.install(hooks, plugin.options.parse({ freeze: false }), (options) => ({ ...reach, options }) as unknown as Reach<never>);
  return { hooks, failures };
}

describe("The share of the project", () => {
  it("is on unless the user says otherwise, and a project's file cannot say anything of it", () => {
    expect(plugin).to.include({ onByDefault: true, section: "share" });
    expect(plugin.project).to.deep.equal({});
  });

  it("lends the project's directory, whatever it is called, and nothing else", async () => {
    const shares: Share[] = [];
    await tapped().hooks.boot.promise({ addShare: (share) => shares.push(share) } as Partial<MachineDraft> as MachineDraft);
    expect(shares).to.deep.equal([{ tag: "project", source: PROJECT, readOnly: false }]);
  });

  it("is mounted at the same path, given as one argument, and taken away in teardown before the machine goes", async () => {
    const { hooks, failures } = tapped();
    const { guest, mounted } = guestThat("echo mounted", "read line; sleep 0.1; echo free; echo ended >&2");
    await hooks.boot.promise({ addShare() {} } as Partial<MachineDraft> as MachineDraft);
    await hooks.provision.promise(guest);
    expect(mounted[0]?.slice(5, 8)).to.deep.equal(["plain", "project", PROJECT]);
    const before = performance.now();
    await hooks.teardown.promise(guest);
    expect(performance.now() - before).to.be.greaterThan(90);
    expect(failures).to.deep.equal([]);
  });

  it("needs no teardown when it was never mounted", async () => {
    const { hooks, failures } = tapped();
    await hooks.teardown.promise({} as Guest);
    expect(failures).to.deep.equal([]);
  });

  it("says when the guest has files of its own at that path", async () => {
    expect(await failureOf("echo taken")).to.have.property("code", "SHARE_PLACE_TAKEN");
  });

  it("says why it could not be mounted, in words that are safe to show", async () => {
    const failure = await failureOf("printf 'mount: no \\033]52;c;x\\007 such thing' >&2; exit 32");
    expect(failure).to.have.property("code", "SHARE_NOT_MOUNTED");
    expect(failure?.message).to.contain("no \\u{1b}]52;c;x\\u{7} such thing");
    expect((await failureOf("exit 1"))?.message).to.contain("did not say why");
    expect((await failureOf("head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1"))?.message.length).to.be.lessThan(3_000);
  });

  it("does not wait when the user interrupts", async () => {
    const controller = new AbortController();
    const { guest } = guestThat("sleep 2");
    const mounting = mountShare(guest, loanAt("/p"), { size: "50%" }, controller.signal);
    setTimeout(() => controller.abort(new Error("Ctrl-C")), 50);
    expect(await mounting.catch((error: Error) => error.message)).to.equal("Ctrl-C");
  });

  it("says that it could not be mounted when the guest is gone", async () => {
    const { guest } = guestThat("true");
    guest.run = async () => { throw new Error("the machine was stopped"); };
    const failure = await mountShare(guest, loanAt("/p"), { size: "50%" }, never).catch((error: unknown) => error);
    expect(failure).to.include({ code: "SHARE_NOT_MOUNTED" }).and.to.have.property("message").that.contains("the machine was stopped");
  });

  it("has a keeper that may be told what to do before it is there", async () => {
    const opening = Promise.withResolvers<GuestChannel>();
    const keeper = new Keeper(opening.promise);
    for (const word of ["one", "two"]) keeper.tell(`${word}\n`);
    const ended = keeper.end(5_000);
    opening.resolve(await localGuest().guest.open({ user: "root", argv: ["/bin/sh", "-c", "read a; read b; read c; echo $a, $b, $c"] }));
    expect(await ended).to.equal("one, two, end");
  });

  it("says why its keeper never began", async () => {
    const keeper = new Keeper(Promise.reject(new Error("no such guest")));
    keeper.tell("one\n");
    await new Promise((resolve) => setImmediate(resolve)); // nobody may have asked yet when it is known
    expect(await keeper.end(5_000).catch((error: Error) => error.message)).to.equal("no such guest");
  });

  it("notes that it was still in use", async () => {
    const busy = await mountShare(guestThat("echo mounted", "read line; echo busy").guest, loanAt("/p"), { size: "50%" }, never);
    expect(await busy.end()).to.contain("still in use");
  });

  it("has everything written back by another command when its keeper in the guest was ended", async () => {
    const { guest } = guestThat("echo mounted", "printf 'oh \\033[31m' >&2; exit 1");
    const ran: (readonly string[])[] = [];
    const gone = await mountShare(guest, loanAt("/p"), { size: "50%" }, never);
    guest.run = async (argv) => { ran.push(argv); return { stdout: "", stderr: "" }; };
    expect(await gone.end()).to.equal("the share's keeper was gone: oh \\u{1b}[31m");
    expect(ran).to.deep.equal([["sync", "-f", "/p"]]);
  });
});
