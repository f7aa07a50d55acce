import { definePlugin, type Machine, type SessionFacts } from "../../core/index.ts";
import { findPlaces } from "./frozen/find.ts";
import { beginQuickGit } from "./git/quick-git.ts";
import { beginFreezing, type Freezing } from "./frozen/freeze.ts";
import { keptLocal, LOCAL_PACKAGES, type KeptLocal } from "./kept-local.ts";
import { loansOf, type Loan } from "./lend.ts";
import { mountShare, type MountedShare } from "./mount.ts";
import { OPTIONS } from "./options.ts";
import { ignoredByGit, unseenByGit } from "./git/unseen.ts";
import { projectShare, type ProjectShare } from "./service.ts";
import { beginReporting } from "./report/reporting.ts";
import { beginCollecting, type Collecting } from "./review/collecting.ts";
import { suggestion } from "./suggest.ts";
import { bytesOf } from "./tree/bytes.ts";

/** What one session has of one share. */
interface Lent {
  readonly loan: Loan;
  readonly freezing: Freezing | undefined;
  readonly kept: KeptLocal | undefined;
  machine?: Machine;
  mounted?: MountedShare;
  collecting?: Collecting;
}

const lent = new WeakMap<SessionFacts, readonly Lent[]>();
const shares = new WeakMap<SessionFacts, ProjectShare>();

/** Lends the project to the guest over virtio-9p, at the same path, the agent's inside and the user's outside. */
export default definePlugin({
  name: "share-9p",
  description: "The project directory in the guest, at the same path as on the host, with what the host runs by itself frozen.",
  section: "share",
  options: OPTIONS,
  onByDefault: true,

  build(recipe, { session, options, provide }) {
    if (options.keepLocal !== undefined && options.local.length > 0) recipe.addPackages(...LOCAL_PACKAGES);
    const share = projectShare();
    shares.set(session, share);
    provide("share", share);
  },

  async boot(machine, reach) {
    const { session, options, signal, defer } = reach;
    const loans = await loansOf(reach);
    const words = options.mode === "live" ? suggestion(session.stateDir, session.project, options.local) : undefined;
    if (words !== undefined) reach.progress.say(words);
    const kept = keptLocal(reach);
    if (kept) machine.addDisk(kept.disk);
    const all: Lent[] = [];
    for (const loan of loans) {
      machine.addShare({ tag: loan.tag, source: loan.source, readOnly: loan.readOnly });
      const found = loan.readOnly ? undefined : findPlaces(bytesOf(loan.source), signal);
      found?.catch(() => {}); // seen by those who wait for it
      const masked = loan.tag === "project" ? (shares.get(session)?.masked() ?? []) : [];
      const isHeld = found !== undefined && (options.freeze || loan.local.length > 0);
      const freezing = isHeld || masked.length > 0 ? beginFreezing(loan, found, masked, reach) : undefined;
      all.push({ loan, freezing, kept: loan.tag === "project" ? kept : undefined });
      if (found && loan.tag === "project") await defer("report what the session left", beginReporting(found, freezing?.replaced ?? [], reach));
    }
    lent.set(session, all);
    await defer("tell what is to be reviewed", () => {
      for (const { collecting } of all) collecting?.tell();
    });
    await defer("take placeholders away", () => {
      for (const { freezing } of all) freezing?.tidy();
    });
  },

  async provision(guest, reach) {
    const { session, options, signal, log } = reach;
    for (const share of lent.get(session) ?? []) {
      await share.freezing?.start(guest.machine);
      share.machine = guest.machine;
      share.mounted = await mountShare(guest, share.loan, { size: options.localSize, kept: share.kept?.disk.serial }, signal);
      share.kept?.found(share.mounted.foundKept);
      if (share.loan.overlay && options.mode === "review") share.collecting = await beginCollecting(guest, share.mounted.isAgain, reach);
      log("%s at %s", share.loan.source, share.loan.target);
    }
  },

  attach(_launch, reach) {
    const { loan, machine, mounted, freezing } = lent.get(reach.session)?.[0] ?? {};
    if (!loan || !machine || !mounted) return;
    hideStandIns(loan, mounted, freezing);
    // In its own time: until then, and if it fails, git looks at everything itself.
    beginQuickGit(machine, loan, mounted, reach).catch((error: unknown) => reach.log("git is not told what changed: %o", error));
  },

  async teardown(_guest, { session, log }) {
    const all = lent.get(session) ?? [];
    for (const { freezing } of all) freezing?.end();
    for (const { mounted, collecting } of all) {
      const left = await mounted?.end();
      if (left !== undefined) log("%s", left);
      await collecting?.end();
    }
  },
});

/** From the guest's git, to which they, and the guest's own directories, would be in the way and not go. */
function hideStandIns(loan: Loan, mounted: MountedShare, freezing: Freezing | undefined): void {
  const standIns = () => freezing?.standIns() ?? [];
  let told = standIns().length;
  const texts = unseenByGit(loan, standIns());
  if (texts === undefined || told + loan.local.length === 0) return;
  for (const text of texts) mounted.put(text);
  freezing?.onMore(() => {
    if (standIns().length > told) mounted.put(ignoredByGit(standIns().slice(told), []));
    told = standIns().length;
  });
}
