import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format } from "node:util";
import type { JailNetwork } from "../../../../core/index.ts";
import { openNetwork } from "../../../../core/machine/jail/network.ts";
import { Disposers } from "../../../../core/support/disposers.ts";
import { logger } from "../../../../core/support/log.ts";
import { NAME_RANGE } from "../../../../plugins/egress/addresses/address-book.ts";
import { openDoors } from "../../../../plugins/egress/doors.ts";
import { type GatewayLink, startGateway } from "../../../../plugins/egress/gateway-process.ts";
import type { Upstream } from "../../../../plugins/egress/policy/upstream.ts";
import type { Contributed, Contribution } from "../../../../plugins/egress/parts.ts";
import { RuleCollector } from "../../../../plugins/egress/service.ts";
import { askUdp } from "./dns-client.ts";
import { enterNetwork, type Inside } from "./inside.ts";

/** The real gateway at a jail's real network, with nobody in it but the test. */
export interface TestEgress {
  readonly pid: number;
  readonly network: JailNetwork;
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
  end(): Promise<void>;
}

/** Starts both; all of it ends with `end`. */
export async function startEgress(allow: readonly string[], upstreams: readonly Upstream[], contributions: readonly Contribution[] = []): Promise<TestEgress> {
  const scope = new Disposers();
  try {
    return await start(scope, allow, upstreams, contributions);
  } catch (error) {
    await scope.close();
    throw error;
  }
}

async function start(scope: Disposers, allow: readonly string[], upstreams: readonly Upstream[], contributions: readonly Contribution[]): Promise<TestEgress> {
  const { signal } = new AbortController();
  const folder = mkdtempSync(join(tmpdir(), "cloche-test-"));
  await scope.defer("remove the folder", () => rmSync(folder, { recursive: true }));
  const network = await openNetwork([NAME_RANGE], { scope, signal });
  const service = new RuleCollector({ allow });
  const contributed = contributions.map((contribution) => service.contribute(contribution));
  const policy = service.seal();
  const auditFile = join(folder, "egress.jsonl");
  const config = { session: "test", policy, upstreams, auditFile, parts: service.contributions.seal() };
  let onGone: (cause: Error) => void = () => {};
  const gone = new Promise<Error>((resolve) => { onGone = resolve; });
  const reported: string[] = [];
  const log = logger("egress");
  log.enabled = true;
  log.log = (...said: unknown[]) => void reported.push(format(...said));
  const attend = (link: GatewayLink) => service.contributions.attend(link, log);
  const gateway = await startGateway(config, { scope, signal, log, attend, onGone });
  await openDoors(network, policy.allow, gateway, signal);
  const inside = await enterNetwork(network, scope);
  const asker = await inside.udp();
  await scope.defer("close the asker", () => asker.close());
  return {
    pid: gateway.pid,
    network,
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
    audit: () => readFileSync(auditFile, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>),
    end: async () => await scope.close(),
  };
}
