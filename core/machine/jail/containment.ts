import type { Containment } from "../containment.ts";
import { seccompFilter } from "../seccomp/filter.ts";
import type { FilterArch } from "../seccomp/syscalls.ts";
import { launch } from "./launch.ts";
import { openNetwork } from "./network.ts";

/** Containment by Linux's user namespaces: bubblewrap around QEMU, inside a network namespace that a process of ours holds. */
export function linuxContainment(arch: FilterArch): Containment {
  const filter = seccompFilter(arch);
  return {
    async openCell(localRanges, bounds) {
      const network = await openNetwork(localRanges, bounds);
      return { network, launch: (command, given) => launch(command, network, filter, given) };
    },
  };
}
