import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Logger } from "../../core/index.ts";
import { fail } from "./failures.ts";
import type { Link } from "./gateway/link.ts";
import type { GatewayQuestions, PartConfig, PluginQuestions } from "./gateway/protocol.ts";
import type { Contributed, Contribution } from "./parts.ts";

const QUESTION_MS = 30_000;

/** Collects what plugins add to the gateway of one session, and lets each speak with its own part. */
export class Contributions {
  readonly #contributions: Contribution[] = [];
  #link: Link<PluginQuestions, GatewayQuestions> | undefined;
  #sealed = false;

  /** Throws EGRESS_PART_LATE when the gateway was told already, EGRESS_PART_TWICE, and EGRESS_PART_MISSING. */
  add(contribution: Contribution): Contributed {
    const { by, module } = contribution;
    if (this.#sealed) throw fail("EGRESS_PART_LATE", { by });
    if (this.#contributions.some((known) => known.by === by)) throw fail("EGRESS_PART_TWICE", { by });
    const found = [module, new URL(module.href.replace(/\.ts$/, ".js"))].find((url) => url.protocol === "file:" && existsSync(fileURLToPath(url)));
    if (!found) throw fail("EGRESS_PART_MISSING", { by, module: module.href });
    this.#contributions.push({ ...contribution, module: found });
    return {
      ask: async (question) => {
        if (!this.#link) throw fail("EGRESS_PART_EARLY", { by });
        return await this.#link.ask("part-question", { by, question }, { deadlineMs: QUESTION_MS });
      },
    };
  }

  /** No more from now on; answers what the gateway is told. */
  seal(): readonly PartConfig[] {
    this.#sealed = true;
    return this.#contributions.map(({ by, module, options }) => ({ by, module: module.href, options }));
  }

  /** Answers the parts of a gateway that is about to start, and passes on what they report. */
  attend(link: Link<PluginQuestions, GatewayQuestions>, log: Logger): void {
    this.#link = link;
    link.answer("part-question", async ({ by, question }) => {
      const contribution = this.#contributions.find((known) => known.by === by);
      if (!contribution?.answer) throw new Error(`"${by}" answers no questions`);
      return await contribution.answer(question);
    });
    link.answer("part-report", ({ by, text }) => log("%s: %s", by, text));
  }
}
