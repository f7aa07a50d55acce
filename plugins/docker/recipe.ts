import type { RecipeDraft } from "../../core/index.ts";
import { ENGINE_FILES } from "./guest/engine-files.ts";
import { RUNC_FILES } from "./guest/runc.ts";

/** Debian's packages for the engine, its client and both plugins of the client; jq is for our wrapper of runc, the last line for running it without root. */
const PACKAGES = [
  "docker.io", "docker-cli", "docker-compose", "docker-buildx", "iptables", "jq",
  "rootlesskit", "slirp4netns", "uidmap",
] as const;

/** What the engine loads when it makes its first network; loading them takes seconds under emulation. */
const MODULES = ["bridge", "br_netfilter", "veth", "overlay", "nf_nat", "nft_compat", "nft_chain_nat", "xt_conntrack", "xt_MASQUERADE", "xt_addrtype", "tun"];

/** Each program run once before the machine is frozen, so that its pages are in memory. */
const WARM: readonly string[] = [
  "dockerd --version; containerd --version; containerd-shim-runc-v2 -v; runc --version; docker-proxy --version; true",
  "docker --version; docker compose version; docker buildx version; iptables --version; true",
];

/** Adds the engine to an image, for both ways of running it. */
export function addEngine(recipe: RecipeDraft): void {
  recipe.addPackages(...PACKAGES);
  for (const file of [...ENGINE_FILES, ...RUNC_FILES]) recipe.addFile(file);
  recipe.addCommand("echo agent:100000:65536 | tee /etc/subuid >/etc/subgid");
  recipe.addPrepare(`for module in ${MODULES.join(" ")}; do modprobe "$module"; done; true`);
  for (const line of WARM) recipe.addWarm(line);
}
