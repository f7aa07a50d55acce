import { z } from "zod";
import { definePlugin, type GuestFile, type LaunchRequest, type Recipe, type Services } from "../../../core/index.ts";
import type { Launch } from "../../../core/attach/launch.ts";
import { live } from "../../../core/lifecycle.ts";
import type { Guest } from "../../../core/machine/guest.ts";
import type { Machine } from "../../../core/machine/machine.ts";
import { openSession } from "../../../core/open-session.ts";
import claude from "../../../plugins/claude/index.ts";
import type { GatewayOptions } from "../../../plugins/credentials/gateway/options.ts";
import credentials from "../../../plugins/credentials/index.ts";
import { Contributions } from "../../../plugins/egress/contributions.ts";
import { actingFor, fakeHost } from "../../support/fake-host.ts";
import { readRule, showRule, type RuleText } from "../../../plugins/egress/policy/rule.ts";
import type { Upstream } from "../../../plugins/egress/policy/upstream.ts";

/** What one life with the agent asked of the host and of the guest. */
export interface AgentLife {
  readonly recipe: Recipe;
  readonly files: ReadonlyMap<string, string>;
  readonly launch: Launch;
  readonly said: readonly string[];
  readonly allowed: readonly string[];
  /** What goes elsewhere than its name says. */
  readonly led: readonly Upstream[];
  /** What credentials gave to the gateway. */
  readonly gateway: GatewayOptions | undefined;
}

/** What to live it with. */
export interface AgentLifeOptions {
  readonly request?: LaunchRequest;
  readonly hostEnv?: Readonly<Record<string, string>>;
  readonly claude?: Readonly<Record<string, unknown>>;
  readonly credentials?: Readonly<Record<string, unknown>>;
  readonly without?: readonly string[];
  readonly project?: string;
  readonly stateDir?: string;
}

/** Lives the five phases with the real plugins `claude` and `credentials` on a fake host. */
export async function liveWithAgent(options: AgentLifeOptions = {}): Promise<AgentLife> {
  const files = new Map<string, string>();
  const said: string[] = [];
  const allowed: string[] = [];
  const led: Upstream[] = [];
  const seen: { recipe?: Recipe; launch?: Launch; gateway?: GatewayOptions } = {};
  const writeFiles = async (given: readonly GuestFile[]) => given.forEach(({ path, content }) => files.set(path, Buffer.from(content).toString()));
  const guest = { writeFiles } as unknown as Guest;
  const { host } = fakeHost({
    buildImage: async (recipe) => {
      seen.recipe = recipe;
      return { id: "fake", kernel: "/k", initrd: "/i", disks: [] };
    },
    startMachine: async () => ({}) as Machine,
    enterGuest: async () => guest,
    attach: async (_guest, launch) => {
      seen.launch = launch;
      return 0;
    },
  });
  const acting = actingFor();
  const enabled = [
    { plugin: claude, options: claude.options.parse(options.claude ?? {}) },
    { plugin: credentials, options: credentials.options.parse(options.credentials ?? {}) },
    { plugin: egressThat(allowed, led, (given) => (seen.gateway = given as GatewayOptions)), options: {} },
  ].filter(({ plugin }) => !options.without?.includes(plugin.name));
  const session = openSession({
    acting: {
      ...acting,
      session: { ...acting.session, project: options.project ?? "/home/me/project", stateDir: options.stateDir ?? "/dev/null/state", hostEnv: { HOME: "/nonexistent", ...options.hostEnv } },
      progress: { step() {}, update() {}, say: (line) => said.push(line) },
    },
    host,
    plugins: enabled,
    known: ["claude", "credentials", "egress", "share-9p"],
    recipe: { suite: "trixie", packages: [] },
    request: options.request ?? { kind: "agent", args: [] },
  });
  await live(session);
  const { recipe, launch } = seen;
  if (!recipe || !launch) throw new Error("the life did not get to its end");
  return { recipe, launch, files, said, allowed, led, gateway: seen.gateway };
}

function egressThat(allowed: string[], led: Upstream[], contributed: (options: unknown) => void) {
  const service = {
    allow: (rule: RuleText, by: string) => {
      const reading = readRule(rule, "allow");
      allowed.push(`${"why" in reading ? reading.why : showRule(reading.rule)} for ${by}`);
    },
    lead: (upstream: Upstream) => void led.push(upstream),
    led: () => led,
    rules: () => [],
    shared: () => [],
    describe: () => "These hosts can be reached: the witness.",
    onChange: () => () => {},
    changed: () => {},
    seal: () => ({ mode: "allowlist" as const, allow: [], deny: [], ask: false }),
    trust: () => {},
    trusted: () => [],
    contributions: new Contributions(),
    contribute: ({ options }: { options?: unknown }) => {
      contributed(options);
      return { ask: async () => undefined };
    },
  };
  return definePlugin({
    name: "egress",
    description: "Lends what the gateway lends.",
    options: z.strictObject({}),
    build: (_recipe, { provide }) => provide("egress", service as unknown as Services["egress"]),
  });
}
