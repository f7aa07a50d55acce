import { definePlugin } from "../../core/index.ts";
import { checkApiKey, findApiKey, GUEST_VARIABLE, HOST_VARIABLE } from "./api-key.ts";
import { options } from "./options.ts";
import "./service.ts";

/** Gives the agent its API key, by the environment of its command and by nothing else. */
export default definePlugin({
  name: "credentials",
  description: "Which of your credentials the agent may use, and how they reach it.",
  options,
  onByDefault: true,

  build(_recipe, { options, session, provide }) {
    const key = findApiKey(options, session.hostEnv);
    provide("credentials", { apiKeyVariable: key === undefined ? undefined : GUEST_VARIABLE });
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
