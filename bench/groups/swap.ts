import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Place } from "../../test/support/place.ts";
import { startScriptedApi, type ScriptedApi } from "../../test/support/scripted-api/server.ts";
import type { Started } from "../../test/support/started.ts";
import { notMeasured, reasonOf, timed, wants, type Group } from "../bench.ts";

const SESSION = "swap";
const READY = "here-it-is";
const ANSWER = "the-answer-of-the-script";
const SERVICE = "api.anthropic.com";
const REAL = "sk-ant-oat01-real-5e0d9b3c7f1a2468";
const LOGIN = { accessToken: REAL, refreshToken: `${REAL}-refresh`, expiresAt: Date.now() + 3_600_000, scopes: ["user:inference", "user:profile"], subscriptionType: "max" };
// in a shell of the guest: what stands there for the login
const PLACEHOLDER = `$(sed 's/.*"accessToken":"\\([^"]*\\).*/\\1/' /home/agent/.claude/.credentials.json)`;
const DEADLINE_MS = 5 * 60_000;

const PLAIN = { name: "the agent, from its start to its first answer, with the token in the guest and its bytes passed on as they are", unit: "s" } as const;
const SWAPPED = { name: "the same with the placeholder, which the gateway swaps", unit: "s", baseline: { of: PLAIN.name, atMost: 1.1 } } as const;

/** Whether the agent's start is slowed by the swap: by turns in two machines, of which one has no plugin credentials, with a service of ours in place of its own. */
export const swap: Group = async ({ runs, say }) => {
  if (!wants(PLAIN, SWAPPED)) return notMeasured([SWAPPED, PLAIN], "not asked for");
  await using api = await startScriptedApi({ turns: [{ text: ANSWER }], key: REAL, names: [SERVICE] });
  using brokered = new Place("project");
  using without = new Place("project");
  mkdirSync(join(brokered.home, ".claude"));
  writeFileSync(join(brokered.home, ".claude/.credentials.json"), JSON.stringify({ claudeAiOauth: LOGIN }));
  const keepers: Started[] = [];
  const samples: { readonly swapped: number; readonly plain: number }[] = [];
  const plain = `NODE_EXTRA_CA_CERTS=api.pem CLAUDE_CODE_OAUTH_TOKEN=${REAL}`;
  const swapped = `CLAUDE_CODE_OAUTH_TOKEN=${PLACEHOLDER}`;
  try {
    say("making image and template");
    keepers.push(await opened(brokered, api, { credentials: { login: "host" } }, true));
    keepers.push(await opened(without, api, { plugins: { credentials: false } }, false));
    say("each once, so that both find everything in memory");
    for (const [place, environment] of [[without, plain], [brokered, swapped]] as const) await answered(place, environment);
    for (let run = 0; run < runs; run += 1) samples.push({ plain: await answered(without, plain), swapped: await answered(brokered, swapped) });
  } catch (error) {
    if (samples.length === 0) return notMeasured([SWAPPED, PLAIN], reasonOf(error));
  } finally {
    for (const keeper of keepers) keeper.stdin.end();
    for (const keeper of keepers) await keeper.ended;
  }
  return [
    { ...SWAPPED, samples: samples.map((sample) => sample.swapped) },
    { ...PLAIN, samples: samples.map((sample) => sample.plain) },
  ];
};

/** A running session; `checks` when the gateway itself speaks to the service, whose certificate it then has to know. */
async function opened(place: Place, api: ScriptedApi, configuration: object, checks: boolean): Promise<Started> {
  const ca = join(checks ? place.home : place.project, "api.pem");
  writeFileSync(ca, api.caPem);
  place.configure({ egress: { upstreams: { [SERVICE]: { address: "127.0.0.1", port: api.port, ...(checks && { ca }) } } }, ...configuration });
  await timed(place, ["--quiet", "build"], { deadlineMs: 30 * 60_000 });
  const keeper = place.cloche(["--quiet", "exec", "--name", SESSION, "--", "sh", "-c", `echo ${READY}; exec cat`], { deadlineMs: 60 * 60_000 });
  await keeper.says(new RegExp(READY));
  return keeper;
}

/** Seconds until the agent has ended with the script's answer. */
async function answered(place: Place, environment: string): Promise<number> {
  const began = performance.now();
  const { status, stdout, stderr } = await place.cloche(["exec", "--session", SESSION, "--", "sh", "-c", `${environment} exec claude -p "Say it."`], { input: "", deadlineMs: DEADLINE_MS }).ended;
  if (status !== 0 || !stdout.includes(ANSWER)) throw new Error(`the agent ended with ${status}: ${stdout}${stderr}`);
  return (performance.now() - began) / 1000;
}
