import { failures } from "../../core/index.ts";

/** How the engine in the guest can fail to come up. */
export const fail = failures({
  DOCKER_DOWN: (f: { reason: string; log: string }) => ({
    message: `The Docker engine in the guest did not come up: ${f.reason}.${f.log === "" ? "" : ` The end of its log:\n${f.log}`}`,
    hint: "With docker.required set to false the session would go on without it; more memory (machine.memory) often helps.",
  }),
});
