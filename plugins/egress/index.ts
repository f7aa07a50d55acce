import { definePlugin } from "../../core/index.ts";
import { options } from "./options.ts";
import { presetHost } from "./presets/host.ts";
import { resolvePresets, trustedFor, type Presets } from "./presets/presets.ts";
import { readProxies } from "./proxy/host.ts";
import { beginEgress, openEgress, type Begun, type Running } from "./runtime/begin.ts";
import { rulesOf } from "./runtime/recording.ts";
import { RuleCollector } from "./service.ts";
import { readCertificates } from "./trust/certificates.ts";
import { privateAuthorities } from "./trust/private-authorities.ts";
import { TRUST_VARIABLES, trustInGuest } from "./trust/guest-trust.ts";

// every address that the guest dials ends at our listeners: those that stand for names, those of literal rules, and the rest to be refused
const EVERYWHERE = "0.0.0.0/0";

interface OfSession {
  readonly presets: Presets;
  begun?: Begun;
  running?: Running;
}

/** What one session has of egress, for its later phases; by its directory, since several may live in one process. */
const sessions = new Map<string, OfSession>();

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
    const { options, use, session, progress, defer } = reach;
    const certificates = await readCertificates(options.upstreams); // what cannot be used is better said now than when the machine runs
    const proxies = readProxies(session.hostEnv);
    const egress = use("egress");
    for (const pem of [...certificates.values()].flat()) egress.trust(pem);

    const presets = await resolvePresets(options.presets, presetHost(session.hostEnv, session.project, session.cacheDir));
    for (const { name, rules } of presets.resolved) for (const rule of rules) egress.allow(rule, `the preset ${name}`);
    // what the host trusts the guest has to, or it could not use a company's mirror; with nothing to reach there is nobody to trust
    const authorities = options.mode === "off" ? [] : [...presets.resolved.flatMap((preset) => preset.authorities ?? []), ...(await privateAuthorities(session.hostEnv))];
    for (const pem of authorities) egress.trust(pem);
    for (const { name, why } of presets.missing) progress.say(`The preset ${name} of egress allows nothing: ${why}. Name its hosts in egress.allow.`);
    for (const { rule, suffix } of egress.shared()) progress.say(`The rule ${rule} of egress covers names that anybody can have below ${suffix}.`);

    const own: OfSession = { presets };
    sessions.set(session.runDir, own);
    await defer("forget the session", () => void sessions.delete(session.runDir));
    machine.addLocalRange(EVERYWHERE);
    machine.onStart(async (scope) => {
      own.begun = await beginEgress({ egress, certificates, trusted: trustedFor(presets), proxies }, reach, scope);
    });
    machine.onNetwork(async (network, scope) => {
      if (!own.begun) throw new Error("the gateway was not begun");
      own.running = await openEgress(network, own.begun, egress, reach, scope);
    });
  },

  async provision(guest, { use, session, log }) {
    const files = (sessions.get(session.runDir)?.presets.resolved ?? []).flatMap((preset) => preset.files ?? []);
    if (files.length > 0) await guest.writeFiles(files, { as: "presets" });
    const certificates = use("egress").trusted();
    if (certificates.length === 0) return;
    await trustInGuest(guest, certificates);
    log("the guest trusts %d certificates more", certificates.length);
  },

  async teardown(_guest, { options: { record }, session, progress }) {
    const running = record ? sessions.get(session.runDir)?.running : undefined;
    if (!running) return;
    const { totals } = await running.gateway.link.ask("status", undefined);
    progress.say(`These rules would have done for this session, in egress.allow: ${JSON.stringify(rulesOf(totals, running.live.data))}`);
  },

  async attach(launch, { options: { ask }, session, use }) {
    const own = sessions.get(session.runDir);
    const atTerminal = process.stdin.isTTY && process.stdout.isTTY && launch.request.kind !== "exec";
    if (ask === undefined && atTerminal) await own?.running?.live.ask();
    for (const { env = {} } of own?.presets.resolved ?? []) for (const [name, value] of Object.entries(env)) launch.addEnvironment(name, value);
    if (use("egress").trusted().length === 0) return;
    for (const [name, path] of Object.entries(TRUST_VARIABLES)) launch.addEnvironment(name, path);
  },
});
