import { definePlugin, type SessionFacts } from "../../core/index.ts";
import { allowHosts } from "./hosts.ts";
import { agentEnvironment } from "./login/agent-environment.ts";
import { hostLoginAdvice } from "./login/advice.ts";
import { chooseWay, KEY_VARIABLE, type Way } from "./login/ways.ts";
import { sayWays } from "./login/say-ways.ts";
import { options } from "./options.ts";
import type { Prepared } from "./prepared.ts";
import "./service.ts";
import type { LaidFile } from "./staging/lay-out.ts";
import { hostPlaces } from "./staging/places.ts";

/** What each session is made with. */
const ways = new WeakMap<SessionFacts, Way>();
const preparations = new WeakMap<SessionFacts, Promise<Prepared>>();

/** The user's credentials and configuration: what may cross does, and what is secret stays on the host, where the gateway puts it into requests. */
export default definePlugin({
  name: "credentials",
  description: "Which of your configuration crosses, and how your credentials are used without the guest holding them.",
  options,
  onByDefault: true,
  after: ["share-9p", "egress", "claude"],

  build(_recipe, { options, session, provide, borrow }) {
    const places = hostPlaces(session.hostEnv, session.project);
    const way = chooseWay(options, agentEnvironment(session.hostEnv, places), places);
    ways.set(session, way);
    const hasKey = way.kind === "key" || (way.kind === "model gateway" && way.gateway.placeholderIn === KEY_VARIABLE);
    const files: LaidFile[] = [];
    provide("credentials", { apiKeyVariable: hasKey ? KEY_VARIABLE : undefined, lay: (more) => void files.push(...more), laid: () => files });
    const egress = borrow("egress");
    if (egress) allowHosts(egress, way, options);
    borrow("share")?.mask(options.mask);
  },

  async boot(_machine, { options, session, signal, borrow }) {
    const way = ways.get(session) ?? { kind: "none" };
    const { contribute, prepare } = await import("./prepared.ts"); // what most commands never need
    const preparation = prepare(way, options, session, signal);
    preparations.set(session, preparation);
    const egress = borrow("egress");
    if (egress) contribute(egress, await preparation, way, session);
    else await preparation;
  },

  async provision(guest, { options, session, use, log, progress }) {
    const [prepared, { layOut }] = await Promise.all([preparations.get(session), import("./staging/lay-out.ts")]);
    const { files, leftOut } = prepared?.staging ?? { files: [], leftOut: [] };
    await guest.writeFiles(layOut([...files, ...(prepared?.files ?? [])], use("credentials").laid()), { as: "credentials" });
    if (options.scan) {
      const [{ scanProject }, { warnOfSecrets }] = await Promise.all([import("./project/scan.ts"), import("./project/warn.ts")]);
      warnOfSecrets(scanProject(session.project), options.mask, progress);
    }
    log("%d files staged, %d things left out", files.length, leftOut.length);
  },

  async attach(launch, { session, progress }) {
    const prepared = await preparations.get(session);
    for (const [name, value] of Object.entries(prepared?.variables ?? {})) launch.addEnvironment(name, value);
    if (launch.request.kind !== "agent") return;
    for (const [name, value] of Object.entries(prepared?.agentVariables ?? {})) launch.addAgentEnvironment(name, value);
    const way = ways.get(session) ?? { kind: "none" };
    sayWays(way, session.stateDir, progress);
    const advice = hostLoginAdvice(way);
    if (advice !== undefined) progress.say(advice);
  },
});
