import { expect } from "chai";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseOneLine } from "../../../core/image/apt-sources.ts";
import { hostSources, missingPockets, sourcesFor } from "../../../core/image/host-sources.ts";

const chosen = (suite: string, ...lines: string[]) =>
  sourcesFor(suite, parseOneLine(lines.join("\n"))).map((source) => `${source.uri} ${source.suite} ${source.components.join(" ")}`);

describe("the host's sources for another release", () => {
  it("take over the mirror, its updates and the security mirror", () => {
    const lines = ["deb http://near.example/debian bookworm main contrib", "deb http://near.example/debian-security bookworm-security main"];
    expect(chosen("trixie", ...lines)).to.deep.equal([
      "http://near.example/debian trixie main",
      "http://near.example/debian trixie-updates main",
      "http://near.example/debian-security trixie-security main",
    ]);
  });

  it("know the old name of the security suite", () => {
    expect(chosen("trixie", "deb http://near.example/debian-security buster/updates main")).to.deep.equal([
      "http://near.example/debian-security trixie-security main",
    ]);
  });

  it("leave out other vendors, though they use Debian's suite names", () => {
    const lines = [
      "deb [signed-by=/etc/apt/keyrings/vendor.gpg] https://vendor.example/debian bookworm main",
      "deb https://vendor.example/apt bookworm main",
      "deb https://vendor.example/linux/debian bookworm stable",
      "deb https://vendor.example/debian nodistro main",
      "deb https://vendor.example/debian vendor-bookworm main",
    ];
    expect(chosen("trixie", ...lines)).to.deep.equal([]);
  });

  it("keep a company's mirror under any path when it is bound to Debian's keyring", () => {
    const line = "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] https://corp.example/repo/a bookworm main";
    expect(chosen("trixie", line)).to.include("https://corp.example/repo/a trixie main");
  });

  it("leave out backports and what does not have the main component", () => {
    const lines = ["deb http://near.example/debian bookworm-backports main", "deb http://near.example/debian bookworm contrib"];
    expect(chosen("trixie", ...lines)).to.deep.equal([]);
  });

  it("say which part of the release is still missing", () => {
    const sources = sourcesFor("trixie", parseOneLine("deb http://near.example/debian sid main"));
    expect(missingPockets("trixie", sources)).to.deep.equal(["-security"]);
  });
});

describe("reading the host's apt configuration", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloche-apt-"));
    mkdirSync(join(folder, "sources.list.d"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("reads both formats, and files with a known ending alone", () => {
    const line = (host: string) => `deb http://${host}/debian trixie main\n`;
    writeFileSync(join(folder, "sources.list"), line("a.example"));
    writeFileSync(join(folder, "sources.list.d", "b.list"), line("b.example"));
    writeFileSync(join(folder, "sources.list.d", "c.sources"), "Types: deb\nURIs: http://c.example/debian\nSuites: trixie\nComponents: main\n");
    writeFileSync(join(folder, "sources.list.d", "d.list.disabled"), line("d.example"));
    expect(hostSources(folder).map(({ uri }) => new URL(uri).host)).to.deep.equal(["a.example", "b.example", "c.example"]);
  });

  it("finds nothing on a host that has no apt", () => {
    expect(hostSources(join(folder, "nothing"))).to.deep.equal([]);
  });
});
