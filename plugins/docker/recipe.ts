import type { RecipeDraft } from "../../core/index.ts";
import { engineFiles } from "./guest/engine-files.ts";
import { RUNC_FILES } from "./guest/runc.ts";

/** Debian's packages for the engine, its client and both plugins of the client; jq is for our wrapper of runc. */
const PACKAGES = ["docker.io", "docker-cli", "docker-compose", "docker-buildx", "iptables", "jq"] as const;
const ROOTLESS_PACKAGES = ["rootlesskit", "slirp4netns", "uidmap"] as const;

/** What the engine loads when it makes its first network; loading them takes seconds under emulation. */
const MODULES = ["bridge", "br_netfilter", "veth", "overlay", "nf_nat", "nft_compat", "nft_chain_nat", "xt_conntrack", "xt_MASQUERADE", "xt_addrtype", "tun"];

/** Before the machine waits for its seed: the modules, and each program run once, so that its pages are in memory. */
const PREPARE: readonly string[] = [
  `for module in ${MODULES.join(" ")}; do modprobe "$module"; done; true`,
  "dockerd --version; containerd --version; containerd-shim-runc-v2 -v; runc --version; docker-proxy --version; true",
  "docker --version; docker compose version; docker buildx version; iptables --version; true",
];

/** Adds the engine to an image. Run as root, the agent reaches it by its group; else it is the agent's own. */
export function addEngine(recipe: RecipeDraft, rootless: boolean): void {
  recipe.addPackages(...PACKAGES, ...(rootless ? ROOTLESS_PACKAGES : []));
  for (const file of [...engineFiles(rootless), ...RUNC_FILES]) recipe.addFile(file);
  if (rootless) recipe.addCommand("echo agent:100000:65536 | tee /etc/subuid >/etc/subgid");
  else recipe.addCommand("usermod --append --groups docker agent");
  for (const line of PREPARE) recipe.addPrepare(line);
}
