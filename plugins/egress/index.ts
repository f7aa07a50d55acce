import { definePlugin } from "../../core/index.ts";
import { newAuditFile } from "./audit/folder.ts";
import { Doors } from "./doors.ts";
import { type GatewayLink, startGateway } from "./gateway-process.ts";
import { options } from "./options.ts";
import { readUpstreamKey, type Upstream } from "./policy/upstream.ts";
import { readProxies } from "./proxy/host.ts";
import { desktopOf } from "./runtime/desktop.ts";
import { LivePolicy } from "./runtime/live-policy.ts";
import { serveEgress } from "./runtime/serving.ts";
import { Telling } from "./runtime/telling.ts";
import { RuleCollector } from "./service.ts";
import { hostExtraAuthorities, readCertificates } from "./trust/certificates.ts";
import { TRUST_VARIABLES, trustInGuest } from "./trust/guest-trust.ts";
import type { EgressOptions } from "./options.ts";

// every address that the guest dials ends at our listeners: those that stand for names, those of literal rules, and the rest to be refused
const EVERYWHERE = "0.0.0.0/0";

/** The policies of running sessions by their directories, for the phases after the one that starts the gateway. */
const livePolicies = new Map<string, LivePolicy>();

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

  async boot(machine, reach) {
    const { options, use, session, signal, log, giveUp } = reach;
    const certificates = await readCertificates(options.upstreams); // what cannot be read is better said now than when the machine runs
    const proxies = readProxies(session.hostEnv);
    const egress = use("egress");
    for (const pem of [...certificates.values()].flat()) egress.trust(pem);
    machine.addLocalRange(EVERYWHERE);
    machine.onNetwork(async (network, scope) => {
      const policy = egress.seal();
      const telling = new Telling({ notice: reach.notice, desktop: options.notify ? desktopOf(session.hostEnv) : () => {} }, session.name);
      const attend = (link: GatewayLink): void => {
        egress.contributions.attend(link, log);
        link.answer("asked", (pending) => telling.asked(pending));
        link.answer("refused", (refused) => telling.refused(refused));
      };
      const config = {
        session: session.name, policy, upstreams: dialled(options.upstreams, certificates), parts: egress.contributions.seal(),
        askMs: Number.parseInt(options.askFor, 10) * 1_000, proxies, authorities: await hostExtraAuthorities(session.hostEnv),
        auditFile: newAuditFile(session.stateDir, session.project, session.name),
      };
      const gateway = await startGateway(config, { scope, signal, log, attend, onGone: giveUp });
      if (gateway.authority !== undefined) egress.trust(gateway.authority);
      const doors = new Doors(network, gateway);
      await doors.open(policy.allow, signal);
      const live = new LivePolicy(policy, async (data) => {
        const applied = await gateway.link.ask("policy", data);
        await doors.widen(data.allow, applied.addresses, signal);
        return applied;
      });
      await scope.defer("forget what was opened for a while", () => live.end());
      serveEgress(reach, live, gateway);
      livePolicies.set(session.runDir, live);
      await scope.defer("forget the policy", () => void livePolicies.delete(session.runDir));
    });
  },

  async provision(guest, { use, log }) {
    const certificates = use("egress").trusted();
    if (certificates.length === 0) return;
    await trustInGuest(guest, certificates);
    log("the guest trusts %d certificates more", certificates.length);
  },

  async attach(launch, { options: { ask }, session, use }) {
    const atTerminal = process.stdin.isTTY && process.stdout.isTTY && launch.request.kind !== "exec";
    if (ask === undefined && atTerminal) await livePolicies.get(session.runDir)?.ask();
    if (use("egress").trusted().length === 0) return;
    for (const [name, path] of Object.entries(TRUST_VARIABLES)) launch.addEnvironment(name, path);
  },
});

function dialled(upstreams: EgressOptions["upstreams"], certificates: ReadonlyMap<string, readonly string[]>): readonly Upstream[] {
  return Object.entries(upstreams).flatMap(([key, { address, port }]) => {
    const target = readUpstreamKey(key);
    const ca = certificates.get(key)?.join("\n");
    return target === undefined ? [] : [{ target, address, port, ...(ca === undefined ? {} : { ca }) }];
  });
}
