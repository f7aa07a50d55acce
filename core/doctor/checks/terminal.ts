import { ok, warn, type Check } from "../check.ts";

/** The user's terminal, as far as the agent's screen depends on it. */
export const terminal: Check = {
  id: "terminal",
  title: "Terminal",
  async run({ isTerminal, term }) {
    if (!isTerminal) return ok("none here; programs get plain lines");
    if (term === undefined || term === "" || term === "dumb") {
      return warn(`TERM is ${term ? `"${term}"` : "not set"}`, "Set TERM to your terminal's type, such as xterm-256color, for the agent's screen.");
    }
    return ok(term);
  },
};
