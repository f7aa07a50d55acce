import { expect } from "chai";
import { BuildProgress, FIRST_GROUND, RECIPE } from "../../../core/image/build-progress.ts";

const OF_GROUND = [
  "I: automatically chosen mode: root",
  "I: running apt-get update...",
  "Get:1 http://mirror.example trixie InRelease [140 kB]",
  "I: downloading packages with apt...",
  "0 upgraded, 2 newly installed, 0 to remove and 0 not upgraded.",
  "Get:1 http://mirror.example trixie/main amd64 bash amd64 5.2 [1 kB]",
  "Get:2 http://mirror.example trixie/main amd64 dash amd64 0.5 [1 kB]",
  "I: extracting archives...",
  "I: installing essential packages...",
  "Unpacking bash (5.2) ...",
  "Setting up bash (5.2) ...",
  "I: installing remaining packages inside the chroot...",
  "cloche: step users",
  "cloche: step kernel",
  "cloche: size 1000",
  "I: creating tarball...",
];
const OF_RECIPE = [
  "I: running --setup-hook in shell: sh -c 'mkdir -p \"$1\"/dev; unsquashfs -no-progress",
  "I: running apt-get update...",
  "I: installing remaining packages",
  "0 upgraded, 4 newly installed, 0 to remove and 0 not upgraded.",
  "Unpacking git (1:2.47) ...",
  "Setting up git (1:2.47) ...",
  "cloche: step commands",
  "cloche: step cleaning",
  "cloche: size 1000",
  "I: creating tarball...",
];

function follow(ground: readonly string[] = OF_GROUND, recipe: readonly string[] = OF_RECIPE): { fraction: number; detail: string }[] {
  const seen: { fraction: number; detail: string }[] = [];
  const all = [[FIRST_GROUND, ground], [RECIPE, recipe]] as const;
  const parts = all.filter(([, lines]) => lines.length > 0);
  const progress = new BuildProgress((fraction, detail) => void seen.push({ fraction, detail }), parts.map(([part]) => part));
  for (const [part, lines] of parts) {
    progress.begin(part);
    for (const line of lines) progress.hear(line);
    progress.packed(512_000);
    progress.packed(10_000_000);
  }
  return seen;
}

describe("the progress of making an image", () => {
  it("goes from the start to the end and never back", () => {
    const fractions = follow().map(({ fraction }) => fraction);
    expect(fractions).to.deep.equal([...fractions].sort((a, b) => a - b));
    expect(fractions[0]).to.be.lessThan(0.05);
    expect(fractions.at(-1)).to.equal(1);
  });

  it("moves within a step, by packages and by bytes", () => {
    const seen = follow();
    const downloads = seen.filter(({ detail }) => detail === "downloading packages").map(({ fraction }) => fraction);
    expect(new Set(downloads).size).to.be.greaterThan(2);
    const packing = seen.filter(({ detail }) => detail === "packing the root file system").map(({ fraction }) => fraction);
    expect(packing[1]).to.be.closeTo(0.94, 0.01);
  });

  it("says what it is doing, and with which package", () => {
    const details = follow().map(({ detail }) => detail);
    expect(details).to.include("installing packages (git)");
    expect(details).to.include("unpacking the kernel");
  });

  it("goes from the start to the end also when what all images have is there already", () => {
    const fractions = follow([]).map(({ fraction }) => fraction);
    expect(fractions[0]).to.equal(0);
    expect(fractions).to.deep.equal([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).to.equal(1);
  });

  it("is not confused by output that comes again or that it does not know", () => {
    const fractions = follow(["nonsense", "Setting up before anything ...", ...OF_GROUND, ...OF_GROUND]).map(({ fraction }) => fraction);
    expect(fractions).to.deep.equal([...fractions].sort((a, b) => a - b));
  });
});
