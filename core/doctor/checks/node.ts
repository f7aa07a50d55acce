import { failed, ok, type Check } from "../check.ts";

const OLDEST = 22;

/** The Node that runs us. */
export const node: Check = {
  id: "node",
  title: "Node",
  async run({ nodeVersion }) {
    return Number(nodeVersion.split(".")[0]) >= OLDEST
      ? ok(nodeVersion)
      : failed(`${nodeVersion} is too old`, `Install Node ${OLDEST} or later, or use bin/cloche of a clone, which fetches one.`);
  },
};
