import { expect } from "chai";
import type { Guest, GuestCommand, MachineDraft, Share } from "../../../core/index.ts";
import { makeHooks } from "../../../core/hooks.ts";
import type { Reach } from "../../../core/plugin.ts";
import { logger } from "../../../core/support/log.ts";
import type { Loan } from "../../../plugins/share-9p/lend.ts";
import { mountShare } from "../../../plugins/share-9p/mount.ts";
import plugin from "../../../plugins/share-9p/index.ts";
import { actingFor } from "../../support/fake-host.ts";
import { localGuest } from "../../core/sessions/local-guest.ts";

const never = new AbortController().signal;
const PROJECT = `/srv/a, "b" it's\nü $(c)`;

/** A guest in which the script that keeps the share is this one instead. */
function guestThat(script: string) {
  const local = localGuest();
  const asked: GuestCommand[] = [];
  const open = async (command: GuestCommand) => {
    asked.push(command);
    return await local.guest.open({ ...command, argv: ["/bin/sh", "-c", script] });
  };
  return { asked, guest: { open } as unknown as Guest };
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
    const { guest, asked } = guestThat("echo mounted; read line; sleep 0.1; echo free; echo ended >&2");
    await hooks.boot.promise({ addShare() {} } as Partial<MachineDraft> as MachineDraft);
    await hooks.provision.promise(guest);
    expect(asked[0]).to.include({ user: "root" });
    expect(asked[0]?.argv.slice(5, 8)).to.deep.equal(["plain", "project", PROJECT]);
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
    const { guest } = guestThat("sleep 60");
    const mounting = mountShare(guest, loanAt("/p"), { size: "50%" }, controller.signal);
    setTimeout(() => controller.abort(new Error("Ctrl-C")), 50);
    expect(await mounting.catch((error: Error) => error.message)).to.equal("Ctrl-C");
  });

  it("notes that it was still in use", async () => {
    const busy = await mountShare(guestThat("echo mounted; read line; echo busy").guest, loanAt("/p"), { size: "50%" }, never);
    expect(await busy.end()).to.contain("still in use");
  });

  it("has everything written back by another command when its keeper in the guest was ended", async () => {
    const { guest } = guestThat("printf 'oh \\033[31m' >&2; echo mounted; exit 1");
    const ran: (readonly string[])[] = [];
    guest.run = async (argv) => { ran.push(argv); return { stdout: "", stderr: "" }; };
    const gone = await mountShare(guest, loanAt("/p"), { size: "50%" }, never);
    expect(await gone.end()).to.equal("the share's keeper was gone: oh \\u{1b}[31m");
    expect(ran).to.deep.equal([["sync", "-f", "/p"]]);
  });
});
