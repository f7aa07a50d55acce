import { ok, unmeasured, warn, type Check, type Verdict } from "../check.ts";
import type { Look } from "../look.ts";

const DEVICE = "/dev/kvm";

/** What running a small guest under hardware acceleration showed; undefined when that was not tried. */
export type AcceleratorProof = (look: Look) => Promise<{ readonly works: boolean; readonly detail: string } | undefined>;

/** Hardware acceleration: that the device opens proves nothing, so it is tried by running a guest where there is an image. */
export function kvm(prove: AcceleratorProof): Check {
  return {
    id: "kvm",
    title: "KVM",
    async run(look) {
      const access = await look.access(DEVICE);
      if (access === "missing") return slow("there is no /dev/kvm", "Switch virtualisation on in the firmware, or nested virtualisation at your provider.");
      if (access === "denied") return slow(`${look.user} may not use /dev/kvm`, `Run: sudo usermod -aG kvm ${look.user}   and log in again.`);
      const proof = await prove(look);
      if (proof === undefined) return unmeasured(`${DEVICE} opens; whether it works is not measured before there is an image (cloche build)`);
      return proof.works ? ok(proof.detail) : slow(proof.detail, "Machines run under software emulation here.");
    },
  };
}

function slow(found: string, fix: string): Verdict {
  return warn(`${found}; software emulation is slow and no security boundary by QEMU's own word`, fix);
}
