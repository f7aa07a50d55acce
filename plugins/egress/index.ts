import { join } from "node:path";
import { definePlugin } from "../../core/index.ts";
import { NAME_RANGE } from "./addresses/address-book.ts";
import { openDoors } from "./doors.ts";
import { type GatewayLink, startGateway } from "./gateway-process.ts";
import { options } from "./options.ts";
import { readUpstreamKey, type Upstream } from "./policy/upstream.ts";
import { RuleCollector } from "./service.ts";
import { readCertificates } from "./trust/certificates.ts";
import { ADDED_BUNDLE, trustInGuest } from "./trust/guest-trust.ts";
import type { EgressOptions } from "./options.ts";

/** The guest's only way to the network: a gateway on the host that dials what the rules name, and nothing else. */
export default definePlugin({
  name: "egress",
  description: "Lets the guest reach the hosts that you allow, and nothing else.",
  options,
  onByDefault: true,
  project: {},

  build(recipe, { options, provide }) {
    provide("egress", new RuleCollector(options));
    recipe.addPackages("ca-certificates", "openssl");
  },

  async boot(machine, { options: { upstreams }, use, session, signal, log, giveUp }) {
    await readCertificates(upstreams); // what cannot be read is better said now than when the machine runs
    const egress = use("egress");
    machine.addLocalRange(NAME_RANGE);
    machine.onNetwork(async (network, scope) => {
      const policy = egress.seal();
      const config = { session: session.name, policy, upstreams: dialled(upstreams), auditFile: join(session.runDir, "egress.jsonl"), parts: egress.contributions.seal() };
      const attend = (link: GatewayLink) => egress.contributions.attend(link, log);
      const gateway = await startGateway(config, { scope, signal, log, attend, onGone: giveUp });
      await openDoors(network, policy.allow, gateway, signal);
    });
  },

  async provision(guest, { options: { upstreams }, log }) {
    const certificates = await readCertificates(upstreams);
    if (certificates.length === 0) return;
    await trustInGuest(guest, certificates);
    log("the guest trusts %d certificates more", certificates.length);
  },

  attach(launch, { options: { upstreams } }) {
    const trusted = Object.values(upstreams).some(({ ca }) => ca !== undefined);
    if (trusted) launch.addEnvironment("NODE_EXTRA_CA_CERTS", ADDED_BUNDLE);
  },
});

function dialled(upstreams: EgressOptions["upstreams"]): readonly Upstream[] {
  return Object.entries(upstreams).flatMap(([key, { address, port }]) => {
    const target = readUpstreamKey(key);
    return target === undefined ? [] : [{ target, address, port }];
  });
}
