import { HOST_ADDRESS } from "../../core/machine/addresses.ts";
import { Place } from "../../test/support/place.ts";
import { Program } from "../../test/support/program.ts";
import { notMeasured, reasonOf, timed, wants, type Bench, type Group } from "../bench.ts";
import type { Figure } from "../figure.ts";
import { clientArgv, connectionSeconds, echoes, freePort, transferSeconds, type Far, type Transfer } from "../measure/guest-transfers.ts";

const SESSION = "bench";
const READY = "here-it-is";
const NAME = "bytes.example";
const PLAIN: Far = { host: HOST_ADDRESS, port: 7001 };
const BYTES = 256 * 1024 * 1024;
const CONNECTIONS = 1_000;
const ECHOES = 300;
const ENDLESS = 2 ** 40;
const PERCENTILE = 0.99;

/** What is compared, each over the gateway against slirp alone. */
const COMPARED = [
  { kind: "down", what: "to the guest", unit: "MB/s", amount: BYTES / 1e6, atLeast: 0.9 },
  { kind: "up", what: "from the guest", unit: "MB/s", amount: BYTES / 1e6, atLeast: 0.9 },
  { kind: "connect", what: "connections, one after the other", unit: "/s", amount: CONNECTIONS, atLeast: 0.8 },
] as const;
const ECHO = { name: "what egress adds to an echo while a download runs, 99th percentile", unit: "ms", target: 20 } as const;

/** The guest's network through the gateway, against the same bytes over slirp with no policy, in one machine. */
export const egress: Group = async (bench) => {
  using program = new Program("plain-door");
  using place = new Place("project", {}, program.command);
  const hostPort = await freePort();
  const gated: Far = { host: NAME, port: hostPort };
  const target = `${NAME}:${hostPort}`;
  place.configure({ egress: { allow: [target], upstreams: { [target]: { address: "127.0.0.1", port: hostPort } } }, "plain-door": { insidePort: PLAIN.port, hostPort } });
  await timed(place, ["--quiet", "build"], { deadlineMs: 30 * 60_000 });
  const keeper = place.cloche(["--quiet", "exec", "--name", SESSION, "--", "sh", "-c", `echo ${READY}; exec cat`], { deadlineMs: 60 * 60_000 });
  await keeper.says(new RegExp(READY));
  const figures: Figure[] = [];
  for (const compared of COMPARED) figures.push(...(await compare(bench, place, gated, compared)));
  figures.push(await echo(bench, place, gated));
  keeper.stdin.end();
  await keeper.ended;
  return figures;
};

type Compared = (typeof COMPARED)[number];

/** Both ways by turns, so that what else the host does meets both. */
async function compare({ runs, say }: Bench, place: Place, gated: Far, { kind, what, unit, amount, atLeast }: Compared): Promise<readonly Figure[]> {
  const plain = { name: `slirp alone, ${what}`, unit } as const;
  const through = { name: `egress, ${what}`, unit, baseline: { of: plain.name, atLeast } } as const;
  if (!wants(plain, through)) return [];
  say(what);
  const samples: { readonly plain: number; readonly gated: number }[] = [];
  try {
    for (let run = 0; run < runs; run += 1) {
      const [alone, guarded] = kind === "connect" ? await connectionSeconds(place, SESSION, [PLAIN, gated], CONNECTIONS) : await bothSeconds(place, kind, gated, run);
      samples.push({ plain: amount / alone, gated: amount / guarded });
    }
  } catch (error) {
    if (samples.length === 0) return notMeasured([through, plain], reasonOf(error));
  }
  return [
    { ...through, samples: samples.map((sample) => sample.gated) },
    { ...plain, samples: samples.map((sample) => sample.plain) },
  ];
}

/** Seconds by slirp alone and through the gateway; who goes first changes from run to run. */
async function bothSeconds(place: Place, kind: Transfer, gated: Far, run: number): Promise<readonly [number, number]> {
  const seconds = async (far: Far): Promise<number> => await transferSeconds(place, SESSION, kind, far, BYTES);
  if (run % 2 === 0) return [await seconds(PLAIN), await seconds(gated)];
  const guarded = await seconds(gated);
  return [await seconds(PLAIN), guarded];
}

async function echo({ runs, say }: Bench, place: Place, gated: Far): Promise<Figure> {
  if (!wants(ECHO)) return { ...ECHO, samples: [], missing: "not asked for" };
  say("echoes during a download");
  const samples: number[] = [];
  try {
    for (let run = 0; run < runs; run += 1) samples.push((await echoDuring(place, gated)) - (await echoDuring(place, PLAIN)));
  } catch (error) {
    if (samples.length === 0) return { ...ECHO, samples, missing: reasonOf(error) };
  }
  return { ...ECHO, samples };
}

async function echoDuring(place: Place, far: Far): Promise<number> {
  const download = place.cloche(clientArgv(SESSION, "down", far, ENDLESS), { input: "", deadlineMs: 10 * 60_000 });
  await download.says(/begins/);
  const sorted = [...(await echoes(place, SESSION, ECHOES))].sort((a, b) => a - b);
  download.kill("SIGTERM");
  await download.ended;
  return sorted[Math.ceil(sorted.length * PERCENTILE) - 1] ?? Number.NaN;
}
