import type { JailedCommand } from "../containment.ts";
import type { JailNetwork } from "../draft.ts";
export function proveJail(_pid: number | undefined, _command: JailedCommand, _network: JailNetwork): void {}
