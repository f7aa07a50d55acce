import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format } from "node:util";
import type { JailNetwork } from "../../../../core/index.ts";
import { openNetwork } from "../../../../core/machine/jail/network.ts";
import { Disposers } from "../../../../core/support/disposers.ts";
import { Doors } from "../../../../plugins/egress/doors.ts";
import { type GatewayLink, startGateway } from "../../../../plugins/egress/gateway-process.ts";
import type { Pending } from "../../../../plugins/egress/gateway/asking/asker.ts";
import type { Refused } from "../../../../plugins/egress/gateway/refusals.ts";
import { LivePolicy } from "../../../../plugins/egress/runtime/live-policy.ts";
import type { PolicyWishes } from "../../../../plugins/egress/service.ts";
import type { Upstream } from "../../../../plugins/egress/policy/upstream.ts";
import type { Contributed, Contribution } from "../../../../plugins/egress/parts.ts";
import { RuleCollector } from "../../../../plugins/egress/service.ts";
import { askUdp } from "./dns-client.ts";
import { enterNetwork, type Inside } from "./inside.ts";

/** The real gateway at a jail's real network, with nobody in it but the test. */
export interface TestEgress {
  readonly pid: number;
  readonly network: JailNetwork;
  readonly live: LivePolicy;
  readonly link: GatewayLink;
  /** What the user would be asked, and told of. */
  readonly asked: readonly Pending[];
  readonly refused: readonly Refused[];
  readonly inside: Inside;
  /** The gateway's certificate authority in PEM, when it intercepts. */
  readonly authority: string | undefined;
  /** In the order of the contributions. */
  readonly contributed: readonly Contributed[];
  /** What the gateway's process and its parts told the log. */
  readonly reported: readonly string[];
  /** Settles when the gateway is gone though nobody asked. */
  readonly gone: Promise<Error>;
  /** The address that the gateway's DNS answers; throws when there is none. */
  addressOf(name: string): Promise<string>;
  /** What the audit says so far. */
  audit(): readonly Record<string, unknown>[];
  /** Ends the gateway alone, as the end of a session does; what it wrote is still there. */
  endGateway(): Promise<void>;
  end(): Promise<void>;
}

/** What tests set besides the policy. */
export interface EgressSettings {
  /** Where the gateway stands; a network of its own when not given. */
  readonly network?: JailNetwork;
  readonly askMs?: number;
  readonly auditFile?: string;
}

/** Starts both; all of it ends with `end`. */
export async function startEgress(wishes: readonly string[] | Partial<PolicyWishes>, upstreams: readonly Upstream[], contributions: readonly Contribution[] = [], settings: EgressSettings = {}): Promise<TestEgress> {
  const scope = new Disposers();
  try {
    const all = Array.isArray(wishes) ? { allow: wishes as readonly string[] } : { allow: [], ...(wishes as Partial<PolicyWishes>) };
    return await start(scope, all, upstreams, contributions, settings);
  } catch (error) {
    await scope.close();
    throw error;
  }
}

async function start(scope: Disposers, wishes: Partial<PolicyWishes> & Pick<PolicyWishes, "allow">, upstreams: readonly Upstream[], contributions: readonly Contribution[], { askMs = 60_000, auditFile: given, network: givenNetwork }: EgressSettings): Promise<TestEgress> {
  const { signal } = new AbortController();
  const folder = mkdtempSync(join(tmpdir(), "cloche-test-"));
  await scope.defer("remove the folder", () => rmSync(folder, { recursive: true }));
  const network = givenNetwork ?? await openNetwork(["0.0.0.0/0"], { scope, signal });
  const service = new RuleCollector(wishes);
  const contributed = contributions.map((contribution) => service.contribute(contribution));
  const policy = service.seal();
  const auditFile = given ?? join(folder, "egress.jsonl");
  const config = { session: "test", policy, upstreams, auditFile, askMs, parts: service.contributions.seal() };
  let onGone: (cause: Error) => void = () => {};
  const gone = new Promise<Error>((resolve) => { onGone = resolve; });
  const reported: string[] = [];
  const log = (...said: unknown[]) => void reported.push(format(...said));
  const asked: Pending[] = [];
  const refused: Refused[] = [];
  const attend = (link: GatewayLink): void => {
    service.contributions.attend(link, log);
    link.answer("asked", (pending) => void asked.push(pending));
    link.answer("refused", (refusal) => void refused.push(refusal));
  };
  const own = new Disposers();
  await scope.defer("end the gateway", async () => await own.close());
  const gateway = await startGateway(config, { scope: own, signal, log, attend, onGone });
  const doors = new Doors(network, gateway);
  await doors.open(policy.allow, signal);
  const live = new LivePolicy(policy, async (data) => {
    const applied = await gateway.link.ask("policy", data);
    await doors.widen(data.allow, applied.addresses, signal);
    return applied;
  });
  await scope.defer("forget timers", () => live.end());
  const inside = await enterNetwork(network, scope);
  const asker = await inside.udp();
  await scope.defer("close the asker", () => asker.close());
  return {
    pid: gateway.pid,
    network,
    live,
    link: gateway.link,
    asked,
    refused,
    inside,
    gone,
    authority: gateway.authority,
    contributed,
    reported,
    async addressOf(name) {
      const [address] = (await askUdp(asker, name)).addresses;
      if (address === undefined) throw new Error(`no address for ${name}`);
      return address;
    },
    audit: () => readFileSync(auditFile, "utf8").split("\n").slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>), // the last one may be half written
    endGateway: async () => await own.close(),
    end: async () => await scope.close(),
  };
}
