import { z } from "zod";
import { definePlugin } from "../../core/index.ts";

/** Holds the place of the engine in the guest, so that enabling it says why not rather than that it is unknown. */
export default definePlugin({
  name: "docker",
  description: "A Docker engine in the guest.",
  options: z.strictObject({}),
  unavailable: "this version of cloche cannot run a Docker engine in the guest yet",
});
