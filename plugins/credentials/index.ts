import { definePlugin } from "../../core/index.ts";
import { checkApiKey, findApiKey, GUEST_VARIABLE, HOST_VARIABLE } from "./api-key.ts";
import { options } from "./options.ts";
import "./service.ts";
import { layOut, type LaidFile } from "./staging/lay-out.ts";
import { hostPlaces } from "./staging/places.ts";
import { stage } from "./staging/stage.ts";

/** What other plugins want to have laid out, for each session by its directory. */
const laid = new Map<string, LaidFile[]>();

/** Gives the agent its API key, by the environment of its command and by nothing else, and what may cross of the user's configuration. */
export default definePlugin({
  name: "credentials",
  description: "Which of your configuration and credentials the agent may use, and how they reach it.",
  options,
  onByDefault: true,
  after: ["egress", "claude"],

  async build(_recipe, { options, session, provide, defer }) {
    const files: LaidFile[] = [];
    laid.set(session.runDir, files);
    await defer("forget its files", () => laid.delete(session.runDir));
    const key = findApiKey(options, session.hostEnv);
    provide("credentials", { apiKeyVariable: key === undefined ? undefined : GUEST_VARIABLE, lay: (more) => void files.push(...more) });
  },

  async provision(guest, { options, session, log }) {
    const staging = stage(hostPlaces(session.hostEnv, session.project), options.stage, () => undefined);
    const files = layOut(staging.files, laid.get(session.runDir) ?? []);
    await guest.writeFiles(files);
    log("%d files staged, %d left out", staging.files.length, staging.leftOut.length);
  },

  attach(launch, { options, session, progress }) {
    if (launch.request.kind !== "agent") return;
    const key = findApiKey(options, session.hostEnv);
    if (key !== undefined) {
      checkApiKey(key);
      launch.addAgentEnvironment(GUEST_VARIABLE, key);
    } else if (options.apiKey === "environment") {
      progress.say(`The agent has no API key: set ${HOST_VARIABLE} in your environment and start again.`);
    }
  },
});
