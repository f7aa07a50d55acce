import type { Check, Verdict } from "./check.ts";
import { bubblewrap } from "./checks/bubblewrap.ts";
import { disk } from "./checks/disk.ts";
import { image, type ImageInspection } from "./checks/image.ts";
import { kvm, type AcceleratorProof } from "./checks/kvm.ts";
import { memory } from "./checks/memory.ts";
import { node } from "./checks/node.ts";
import { npm } from "./checks/npm.ts";
import { qemu } from "./checks/qemu.ts";
import { slirp } from "./checks/slirp.ts";
import { subordinateIds } from "./checks/subordinate-ids.ts";
import { system } from "./checks/system.ts";
import { terminal } from "./checks/terminal.ts";
import { tools } from "./checks/tools.ts";
import { userNamespaces } from "./checks/user-namespaces.ts";
import type { Look } from "./look.ts";
import { missingNeeds } from "./missing.ts";
import { commandFor, planInstall } from "./install.ts";
import { NEEDS } from "./needs.ts";

/** What the doctor asks of other parts. */
export interface Consultants {
  readonly prove: AcceleratorProof;
  readonly inspect: ImageInspection;
}

/** One check's outcome. */
export interface Finding extends Verdict {
  readonly id: string;
  readonly title: string;
}

/** All that the doctor looks at, in the order in which it is shown. */
export function allChecks({ prove, inspect }: Consultants): readonly Check[] {
  return [
    system,
    node,
    npm,
    qemu,
    slirp,
    kvm(prove),
    bubblewrap,
    userNamespaces,
    tools("jail-tools", "Jail tools", ["iproute", "util-linux"]),
    tools("image-tools", "Image tools", ["mmdebstrap", "apt", "debian-keyring", "squashfs", "uidmap"]),
    subordinateIds,
    memory,
    disk,
    image(inspect),
    terminal,
  ];
}

/** Runs the checks one after the other. A check that throws is a finding too: it never hides the others. */
export async function examine(look: Look, checks: readonly Check[], tell?: (finding: Finding) => void): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) {
    const verdict = await check.run(look).catch((error: unknown): Verdict => ({ state: "fail", found: `the check itself failed: ${String(error)}` }));
    const finding = { id: check.id, title: check.title, ...(await withFix(look, check, verdict)) };
    findings.push(finding);
    tell?.(finding);
  }
  return findings;
}

/** A check that found a program missing need not know its package: the table does. */
async function withFix(look: Look, check: Check, verdict: Verdict): Promise<Verdict> {
  if (verdict.state !== "fail" || verdict.fix !== "") return verdict;
  const missing = await missingNeeds(look, NEEDS.filter((need) => check.needs?.includes(need.id)));
  const plan = await planInstall(look, missing);
  if (!plan || plan.packages.length === 0) return { ...verdict, fix: "Install it by your own means; we know no package of this system that brings it." };
  return { ...verdict, fix: `Run: ${commandFor(plan)}   or: cloche doctor --fix` };
}
