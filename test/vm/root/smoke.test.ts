import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { qemuOf } from "../../support/qemu-of.ts";
import { Smoke } from "../../support/smoke.ts";
import type { Started } from "../../support/started.ts";

const FIELDS = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"];

describe("A session started as root", () => {
  let smoke: Smoke;
  let session: Started;

  before(async function () {
    this.timeout(10 * 60_000);
    smoke = new Smoke();
    session = await smoke.start();
  });

  after(() => smoke[Symbol.asyncDispose]());

  it("warns", () => {
    expect(process.getuid?.()).to.equal(0);
    expect(session.stderr()).to.include("You are root.");
  });

  it("has an agent that is not root, and shares the project", () => smoke.expectShare());

  it("has a jail whose root can do nothing: no capability, and nothing to write below /proc", () => {
    const proc = `/proc/${qemuOf(session.pid)}`;
    const status = readFileSync(`${proc}/status`, "utf8");
    for (const field of FIELDS) expect(status, field).to.match(new RegExp(`^${field}:\\s0{16}$`, "m"));
    const mounts = readFileSync(`${proc}/mountinfo`, "utf8").split("\n").map((line) => line.split(" "));
    const below = mounts.filter(([, , , , point]) => /^\/proc(\/|$)/.test(point ?? ""));
    expect(below).to.not.deep.equal([]);
    expect(below.filter(([, , , , , options]) => !/^ro,/.test(options ?? ""))).to.deep.equal([]);
    // as seen from inside: through its own root, the file is on a read-only mount, while for us it can be opened
    const setting = "/proc/sys/kernel/core_pattern";
    expect(() => writeFileSync(`${proc}/root${setting}`, readFileSync(setting))).to.throw("EROFS");
    writeFileSync(setting, readFileSync(setting));
  });

  it("reaches what a rule allows, and nothing else", () => smoke.expectEgress());
  it("ends with the command's status and leaves nothing", () => smoke.expectEnd());
});
