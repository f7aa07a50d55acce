import { expect } from "chai";
import { SILENT } from "../../../../core/support/progress.ts";
import { findRelease } from "../../../../plugins/claude/install/find-release.ts";
import { DEFAULT_VERSION, packageFor, pinnedRelease } from "../../../../plugins/claude/install/release.ts";
import { calm, failureOf, Place } from "../../../core/npm/support.ts";

const INTEGRITY = `sha512-${"A".repeat(86)}==`;

describe("Finding the release of the agent", () => {
  it("pins the default version for both architectures", () => {
    for (const architecture of ["x64", "arm64"]) {
      expect(pinnedRelease(packageFor(architecture), DEFAULT_VERSION)?.integrity).to.match(/^sha512-.{86}==$/);
    }
  });

  it("names the architecture that there is no agent for", () => {
    expect(() => packageFor("riscv64")).to.throw("riscv64");
  });

  it("asks nobody about the pinned version", async () => {
    using place = new Place();
    const run = () => Promise.reject(new Error("asked"));
    const release = await findRelease(DEFAULT_VERSION, place.facts(), { signal: calm(), progress: SILENT, run });
    expect(release).to.equal(pinnedRelease(packageFor(process.arch), DEFAULT_VERSION));
  });

  it("asks the registry once for the checksum of another version, says so, and holds to it", async () => {
    using place = new Place();
    const said: string[] = [];
    const asked: string[] = [];
    const reach = {
      signal: calm(),
      progress: { ...SILENT, say: (line: string) => void said.push(line) },
      run: async ({ args }: { args: readonly string[] }) => {
        asked.push(args.join(" "));
        return asked.length === 1 ? `"${INTEGRITY}"\n` : `"sha512-${"B".repeat(86)}=="`;
      },
    };
    const first = await findRelease("2.0.0", place.facts(), reach);
    const second = await findRelease("2.0.0", place.facts(), reach);
    expect([first.integrity, second.integrity]).to.deep.equal([INTEGRITY, INTEGRITY]);
    expect(asked).to.deep.equal([`view --json ${packageFor(process.arch)}@2.0.0 dist.integrity`]);
    expect(said).to.have.lengthOf(1);
    expect(said[0]).to.include("2.0.0").and.include(INTEGRITY);
  });

  it("refuses a version without a strong checksum", async () => {
    using place = new Place();
    for (const answer of ["", '"sha1-AAAA"', `["${INTEGRITY}"]`, "null"]) {
      const error = await failureOf(findRelease("2.0.0", place.facts(), { signal: calm(), progress: SILENT, run: async () => answer }));
      expect(error.code).to.equal("NPM_CHECKSUM_UNKNOWN");
    }
  });
});
