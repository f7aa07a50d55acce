import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { tarOf } from "../../../core/image/tar.ts";

const list = (archive: Buffer) => execFileSync("tar", ["-tv", "--numeric-owner", "-f", "-"], { input: archive, encoding: "utf8" }).trim();
const content = (archive: Buffer, name: string) => execFileSync("tar", ["-xOf", "-", name], { input: archive, encoding: "utf8" });

describe("tarOf", () => {
  it("writes what tar reads: paths without their slash, modes, root as the owner", () => {
    const archive = tarOf([{ path: "/usr/bin/x", content: "#!/bin/sh\n", mode: 0o755 }, { path: "etc/secret", content: "s", mode: 0o600 }]);
    const lines = list(archive).split("\n");
    expect(lines[0]).to.match(/^-rwxr-xr-x 0\/0 +10 .* usr\/bin\/x$/);
    expect(lines[1]).to.match(/^-rw------- 0\/0 +1 .* etc\/secret$/);
  });

  it("keeps contents of every length around a block", () => {
    for (const length of [0, 1, 511, 512, 513]) {
      expect(content(tarOf([{ path: "a", content: "x".repeat(length) }, { path: "b", content: "end" }]), "b")).to.equal("end");
      expect(content(tarOf([{ path: "a", content: "x".repeat(length) }]), "a")).to.have.length(length);
    }
  });

  it("keeps names of a hundred bytes and more", () => {
    for (const length of [99, 100, 101, 240]) {
      const path = `${"d".repeat(50)}/${"f".repeat(length - 51)}`;
      expect(list(tarOf([{ path: `/${path}`, content: "x" }])).endsWith(` ${path}`)).to.equal(true);
    }
  });

  it("keeps text that is not ASCII", () => {
    expect(content(tarOf([{ path: "a", content: "Müller\n" }]), "a")).to.equal("Müller\n");
  });
});
