import { definePlugin, listKept } from "../../core/index.ts";
import { configurationFiles, json } from "./guest/files.ts";
import { MemoryKeeper } from "./guest/memory-keeper.ts";
import { findRelease } from "./install/find-release.ts";
import { agentLayer } from "./install/layer.ts";
import { unmountKept, keptShare, mountKept } from "./keep/kept.ts";
import { warmAgent } from "./install/warm.ts";
import { lent } from "./lent.ts";
import { options } from "./options.ts";

/** The agent's own service. */
const API_HOST = "api.anthropic.com:443";

/** Claude Code as the agent: a layer of the image, a configuration that asks nothing, and its command line. */
export default definePlugin({
  name: "claude",
  description: "Claude Code: installed in the image, told where it is, launched with its approval prompts off.",
  options,
  onByDefault: true,
  after: ["egress"],

  async build(recipe, { options, session, signal, progress, use }) {
    const release = await findRelease(options.version, session, { signal, progress });
    recipe.addLayer(agentLayer(release, session));
    for (const line of warmAgent()) recipe.addWarm(line);
    lent(use, "egress")?.allow(API_HOST, "claude");
  },

  boot(machine, { options, session }) {
    if (options.keep) machine.addShare(keptShare(session.stateDir, session.project));
  },

  async provision(guest, { options, session, use, status, log, defer }) {
    status(options.skipPermissions ? "prompts off" : "prompts on");
    if (options.keep) await mountKept(guest);
    const [credentials, egress] = [lent(use, "credentials"), lent(use, "egress")];
    const network = (): string => egress?.describe() ?? "There is no network.";
    const keeper = new MemoryKeeper(guest, { project: session.project, network: network() }, log);
    const files = configurationFiles({
      project: session.project,
      version: options.version,
      skipPermissions: options.skipPermissions,
      statusLine: options.statusLine,
      bell: options.bell,
      apiKeyVariable: credentials?.apiKeyVariable,
      network: network(),
    });
    if (credentials) credentials.lay(files);
    else await guest.writeFiles(files.map((file) => ("values" in file ? { path: file.path, content: json(file.values) } : file)));
    if (egress) await defer("leave the agent's memory as it is", egress.onChange(() => keeper.renew(network())));
  },

  async teardown(guest, { options, session, progress }) {
    if (!options.keep) return;
    await unmountKept(guest);
    const kept = (await listKept(session.stateDir)).find(({ project }) => project === session.project);
    if (kept && kept.files > 0) progress.say(`Kept for the next session of this project: the agent's transcripts and memory, ${kept.files} files. See "cloche state list".`);
  },

  attach(launch, { options }) {
    if (launch.request.kind !== "agent") return;
    const flags = options.skipPermissions ? ["--dangerously-skip-permissions"] : [];
    launch.setAgent("claude", ["claude", ...flags, ...launch.request.args]);
  },
});
