import { join } from "node:path";
import { expect } from "chai";
import { everyCommand } from "../../core/cli/every-command.ts";
import type { CommandSpec } from "../../core/cli/table.ts";
import { sharedSession, type SharedSession } from "../support/shared-session.ts";

/** What only tells something, by the first word of its summary. */
const TELLS = /^(List|Show|Say)\b/;
/** These tell it in a form of their own. */
const OWN_FORM: Readonly<Record<string, string>> = { "changes diff": "a patch", "config schema": "JSON, whoever asks" };
/** These end by themselves only when told to. */
const ENDING: Readonly<Record<string, readonly string[]>> = { top: ["--once"] };
/** This one looks at all that is cached, which may be much. */
const CACHE_OF_ITS_OWN: readonly string[] = ["doctor"];
/** What has nothing to tell while the project's only session runs, and the test in which it has. */
const ELSEWHERE: Readonly<Record<string, string>> = { report: "frozen.test.ts" };
/** An object a line, as things come. */
const LINES: readonly string[] = ["egress log", "logs"];

describe("Every command that lists or shows something", () => {
  let shared: SharedSession;
  let telling: readonly CommandSpec[];

  before(async function () {
    this.timeout(5 * 60_000);
    [shared, telling] = await Promise.all([sharedSession(), everyCommand().then((all) => all.filter(({ name, summary, hidden }) => TELLS.test(summary) && hidden !== true && !(name in OWN_FORM)))]);
  });

  it("is known by how it is described", () => {
    const names = telling.map(({ name }) => name);
    const all = ["changes list", "config get", "config staged", "doctor", "egress log", "egress replay", "egress status", "logs", "ls", "plugin list", "port list", "report", "snapshot list", "state list", "top", "trust list"];
    expect(names).to.include.members(all);
  });

  it("has an option for that", () => {
    expect(telling.filter(({ flags }) => !flags.some(({ name }) => name === "json")).map(({ name }) => name)).to.deep.equal([]);
  });

  it("answers programs in JSON, beside a session that runs", async function () {
    this.timeout(3 * 60_000);
    const failed: string[] = [];
    for (const { name } of telling) {
      if (name in ELSEWHERE) continue;
      const env = CACHE_OF_ITS_OWN.includes(name) ? { XDG_CACHE_HOME: join(shared.place.home, "cache") } : {};
      const { stdout, stderr, status } = await shared.place.cloche([...name.split(" "), "--json", ...(ENDING[name] ?? [])], { input: "", env }).ended;
      const texts = LINES.includes(name) ? stdout.trimEnd().split("\n").filter((line) => line !== "") : [stdout];
      if (!texts.every(isJson)) failed.push(`${name} ended with ${status} and said: ${stdout.slice(0, 200)}${stderr.slice(0, 500)}`);
    }
    expect(failed, failed.join("\n")).to.deep.equal([]);
  });
});

function isJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}
