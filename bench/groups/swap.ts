import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { KEY_VARIABLE } from "../../plugins/credentials/login/ways.ts";
import { Place } from "../../test/support/place.ts";
import { startScriptedApi } from "../../test/support/scripted-api/server.ts";
import { notMeasured, reasonOf, timed, wants, type Group } from "../bench.ts";

const SESSION = "swap";
const READY = "here-it-is";
const ANSWER = "the-answer-of-the-script";
const REAL = "sk-ant-api03-real-5e0d9b3c7f1a2468";
const OTHER = "sk-ant-api03-other-8642a1f7c3b9d0e5";
const PLAIN_HOST = "plain.example";
const DEADLINE_MS = 5 * 60_000;

const PLAIN = { name: "the agent, from its start to its first answer, with the key in the guest and its bytes passed on as they are", unit: "s" } as const;
const SWAPPED = { name: "the same with the placeholder, which the gateway swaps", unit: "s", baseline: { of: PLAIN.name, atMost: 1.1 } } as const;

/** Whether the agent's start is slowed by the swap: it asks a service of ours the same over the gateway in both ways, by turns, in one machine. */
export const swap: Group = async ({ runs, say }) => {
  if (!wants(PLAIN, SWAPPED)) return notMeasured([SWAPPED, PLAIN], "not asked for");
  const turns = [{ text: ANSWER }];
  await using swapped = await startScriptedApi({ turns, key: REAL });
  await using plain = await startScriptedApi({ turns, key: OTHER, names: [PLAIN_HOST] });
  using place = new Place("project", { ANTHROPIC_API_KEY: REAL });
  writeFileSync(join(place.home, "api.pem"), swapped.caPem);
  writeFileSync(join(place.project, "plain.pem"), plain.caPem);
  const upstream = { address: "127.0.0.1", port: swapped.port, ca: join(place.home, "api.pem") };
  place.configure({ egress: { allow: [PLAIN_HOST], upstreams: { "api.anthropic.com": upstream, [PLAIN_HOST]: { address: "127.0.0.1", port: plain.port } } } });
  say("making image and template");
  await timed(place, ["--quiet", "build"], { deadlineMs: 30 * 60_000 });
  const keeper = place.cloche(["--quiet", "exec", "--name", SESSION, "--", "sh", "-c", `echo ${READY}; exec cat`], { deadlineMs: 60 * 60_000 });
  await keeper.says(new RegExp(READY));

  const seconds = async (environment: readonly string[]): Promise<number> => {
    const began = performance.now();
    const { status, stdout, stderr } = await place.cloche(["exec", "--session", SESSION, "--", "env", ...environment, "claude", "-p", "Say it."], { input: "", deadlineMs: DEADLINE_MS }).ended;
    if (status !== 0 || !stdout.includes(ANSWER)) throw new Error(`the agent ended with ${status}: ${stdout}${stderr}`);
    return (performance.now() - began) / 1000;
  };
  const direct = [`ANTHROPIC_BASE_URL=https://${PLAIN_HOST}`, "NODE_EXTRA_CA_CERTS=plain.pem", `${KEY_VARIABLE}=${OTHER}`];
  const samples: { readonly swapped: number; readonly plain: number }[] = [];
  try {
    say("each way once, so that both find everything in memory");
    for (const environment of [direct, []]) await seconds(environment);
    for (let run = 0; run < runs; run += 1) samples.push({ plain: await seconds(direct), swapped: await seconds([]) });
  } catch (error) {
    if (samples.length === 0) return notMeasured([SWAPPED, PLAIN], reasonOf(error));
  } finally {
    keeper.stdin.end();
    await keeper.ended;
  }
  return [
    { ...SWAPPED, samples: samples.map((sample) => sample.swapped) },
    { ...PLAIN, samples: samples.map((sample) => sample.plain) },
  ];
};
