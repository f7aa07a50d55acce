import { copyFileSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Npm } from "../../../core/npm/npm.ts";
import { titleOf, type NpmPackage } from "../../../core/npm/package.ts";
import { obtainTarball } from "../../../core/npm/tarball.ts";
import { calm, failureOf, Place } from "./support.ts";

describe("Obtaining the agent's tarball", () => {
  let place: Place;
  let made: ReturnType<Place["tarball"]>;
  let release: NpmPackage;
  let calls: number;

  beforeEach(() => {
    place = new Place();
    made = place.tarball();
    release = { packageName: "@x/agent-linux-x64", version: "1.0.0", integrity: made.integrity, bytes: made.bytes.length };
    calls = 0;
  });

  afterEach(() => place[Symbol.dispose]());

  const answering = (bytes: Buffer): Npm => async ({ directory }) => {
    calls += 1;
    writeFileSync(join(directory, "x-agent.tgz"), bytes);
    return "[]";
  };

  function obtain(run: Npm): Promise<string> {
    return obtainTarball(release, place.store, place.facts(), { signal: calm(), update: () => {}, run });
  }

  it("keeps what npm fetched when its checksum fits, and nothing of the fetching", async () => {
    const tarball = await obtain(answering(made.bytes));
    expect(readFileSync(tarball).equals(made.bytes)).to.equal(true);
    expect(readdirSync(place.store)).to.deep.equal(["agent-linux-x64-1.0.0.tgz"]);
  });

  it("refuses a tarball with one bit flipped, and keeps nothing of it", async () => {
    const flipped = Buffer.from(made.bytes);
    flipped.writeUInt8(flipped.readUInt8(100) ^ 1, 100);
    const error = await failureOf(obtain(answering(flipped)));
    expect(error.code).to.equal("NPM_CHECKSUM_WRONG");
    expect(error.message).to.include("@x/agent-linux-x64 1.0.0").and.include(made.integrity);
    expect(readdirSync(place.store)).to.deep.equal([]);
  });

  it("uses what is there without asking npm", async () => {
    mkdirSync(place.store, { recursive: true });
    copyFileSync(made.file, join(place.store, "agent-linux-x64-1.0.0.tgz"));
    await obtain(answering(made.bytes));
    expect(calls).to.equal(0);
  });

  it("fetches again when what is there is damaged", async () => {
    mkdirSync(place.store, { recursive: true });
    writeFileSync(join(place.store, "agent-linux-x64-1.0.0.tgz"), made.bytes.subarray(0, 50));
    const tarball = await obtain(answering(made.bytes));
    expect(calls).to.equal(1);
    expect(readFileSync(tarball).equals(made.bytes)).to.equal(true);
  });

  it("keeps no tarball of another version", async () => {
    mkdirSync(place.store, { recursive: true });
    writeFileSync(join(place.store, "agent-linux-x64-0.9.0.tgz"), "old");
    await obtain(answering(made.bytes));
    expect(readdirSync(place.store)).to.deep.equal(["agent-linux-x64-1.0.0.tgz"]);
  });

  it("leaves nothing when npm fails, and sweeps what a killed run left a day ago", async () => {
    const old = join(place.store, "fetch-old");
    const recent = join(place.store, "fetch-recent");
    for (const folder of [old, recent]) mkdirSync(join(folder, "cache"), { recursive: true });
    const aDayAgo = Date.now() / 1000 - 25 * 60 * 60;
    utimesSync(old, aDayAgo, aDayAgo);
    const error = await failureOf(obtain(() => Promise.reject(new Error("no network"))));
    expect(error.message).to.equal("no network");
    expect(readdirSync(place.store)).to.deep.equal(["fetch-recent"]);
  });

  it("says how far it is from the growing file in npm's cache", async () => {
    const told: string[] = [];
    const half = Buffer.alloc(2 << 20);
    release = { ...release, bytes: 4 << 20 };
    let resolve = (): void => {};
    const halfway = new Promise<void>((done) => (resolve = done));
    const update = (fraction: number | undefined, detail?: string): void => {
      told.push(`${fraction} ${detail}`);
      if (fraction === 0.5) resolve();
    };
    const run: Npm = async (call) => {
      const folder = join(call.directory, "cache/_cacache/tmp");
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "growing"), half);
      await halfway;
      return answering(made.bytes)(call);
    };
    await obtainTarball(release, place.store, place.facts(), { signal: calm(), update, run });
    expect(told[0]).to.equal(`0 fetching ${titleOf(release)}`);
    expect(told.at(-1)).to.equal(`0.5 fetching ${titleOf(release)}: 2 of 4 MiB`);
  });
});
