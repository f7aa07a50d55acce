import { Smoke } from "../support/smoke.ts";

describe("A session with this host's QEMU", () => {
  let smoke: Smoke;

  before(async function () {
    this.timeout(10 * 60_000);
    smoke = new Smoke();
    await smoke.start();
  });

  after(() => smoke[Symbol.asyncDispose]());

  it("runs that QEMU", () => smoke.expectQemuOf(process.env["CLOCHE_TEST_QEMU_ROOT"] ?? "/"));
  it("shares the project", () => smoke.expectShare());
  it("reaches what a rule allows, and nothing else", () => smoke.expectEgress());
  it("ends with the command's status and leaves nothing", () => smoke.expectEnd());
});
