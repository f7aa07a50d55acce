import type { Disposers, JailNetwork, Reach } from "../../../core/index.ts";
import { newAuditFile } from "../audit/folder.ts";
import { Doors } from "../doors.ts";
import { type Gateway, type GatewayLink, startGateway } from "../gateway-process.ts";
import type { EgressOptions } from "../options.ts";
import type { Trusted } from "../gateway/protocol.ts";
import type { PolicyData } from "../policy/policy.ts";
import { readUpstreamKey, withLed, type Upstream } from "../policy/upstream.ts";
import type { ProxySettings } from "../proxy/settings.ts";
import type { Egress } from "../service.ts";
import { hostExtraAuthorities } from "../trust/certificates.ts";
import { desktopOf } from "./desktop.ts";
import { LivePolicy } from "./live-policy.ts";
import { serveEgress } from "./serving.ts";
import { Telling } from "./telling.ts";

/** The gateway of a session at the jail's network, and its policy. */
export interface Running {
  readonly gateway: Gateway;
  readonly live: LivePolicy;
}

/** A gateway that has been told the policy it starts with, and at which nobody can knock yet. */
export interface Begun {
  readonly gateway: Gateway;
  readonly policy: PolicyData;
}

/** What a gateway is begun with. */
export interface Beginning {
  readonly egress: Egress;
  /** Those of `egress.upstreams`, by its keys. */
  readonly certificates: ReadonlyMap<string, readonly string[]>;
  /** Those of single targets that the host's own clients are set to trust. */
  readonly trusted: readonly Trusted[];
  readonly proxies: ProxySettings;
}

/** Starts the gateway, which needs no network for that; it ends with the scope. */
export async function beginEgress({ egress, certificates, trusted, proxies }: Beginning, reach: Reach<EgressOptions>, scope: Disposers): Promise<Begun> {
  const { options, session, signal, log, giveUp } = reach;
  const policy = egress.seal();
  const telling = new Telling({ notice: reach.notice, status: reach.status, desktop: options.notify ? desktopOf(session.hostEnv) : () => {} }, session.name);
  const attend = (link: GatewayLink): void => {
    egress.contributions.attend(link, log);
    link.answer("asked", (pending) => telling.asked(pending));
    link.answer("refused", (refused) => telling.refused(refused));
  };
  const config = {
    session: session.name,
    policy,
    upstreams: withLed(dialled(options.upstreams, certificates), egress.led()),
    parts: egress.contributions.seal(),
    askMs: Number.parseInt(options.askFor, 10) * 1_000,
    proxies,
    trusted,
    authorities: await hostExtraAuthorities(session.hostEnv),
    auditFile: newAuditFile(session.stateDir, session.project, session.name),
  };
  const gateway = await startGateway(config, { scope, signal, log, attend, onGone: giveUp });
  if (gateway.authority !== undefined) egress.trust(gateway.authority);
  return { gateway, policy };
}

/** Opens the gateway's doors in the session's network and answers the commands of egress; all of it ends with the scope. */
export async function openEgress(network: JailNetwork, { gateway, policy }: Begun, egress: Egress, reach: Reach<EgressOptions>, scope: Disposers): Promise<Running> {
  const { signal } = reach;
  const doors = new Doors(network, gateway);
  await doors.open(policy.allow, signal);
  const live = new LivePolicy(policy, async (data) => {
    const applied = await gateway.link.ask("policy", data);
    await doors.widen(data.allow, applied.addresses, signal);
    egress.changed(data);
    return applied;
  });
  await scope.defer("forget what was opened for a while", () => live.end());
  serveEgress(reach, live, gateway);
  return { gateway, live };
}

function dialled(upstreams: EgressOptions["upstreams"], certificates: Beginning["certificates"]): readonly Upstream[] {
  return Object.entries(upstreams).flatMap(([key, { address, port }]) => {
    const target = readUpstreamKey(key);
    const ca = certificates.get(key)?.join("\n");
    return target === undefined ? [] : [{ target, address, port, ...(ca === undefined ? {} : { ca }) }];
  });
}
