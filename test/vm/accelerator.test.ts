import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { BASE_FILES } from "../../core/image/base.ts";
import type { Image } from "../../core/image/image.ts";
import { probeAccelerator } from "../../core/machine/accelerator-probe.ts";
import { endedAfterBoot } from "../support/boot-crash.ts";
import { Place } from "../support/place.ts";

const UNBOUND = new AbortController().signal;
const MINUTE = 60_000;

describe("The probe of an accelerator", () => {
  let image: Image;
  let place: Place;
  const systemRoot = process.env["CLOCHE_TEST_QEMU_ROOT"] ?? "/";

  before(async () => {
    place = new Place();
    expect((await endedAfterBoot(() => place.cloche(["build"], { deadlineMs: 12 * MINUTE }))).status).to.equal(0);
    const bases = join(place.env["XDG_CACHE_HOME"] ?? "", "cloche/bases");
    const [id = "none"] = readdirSync(bases).filter((name) => !name.includes("."));
    const file = (name: keyof typeof BASE_FILES) => join(bases, id, BASE_FILES[name]);
    image = { id, kernel: file("kernel"), initrd: file("initrd"), disks: [] };
  });
  after(() => place[Symbol.dispose]());

  // Software emulation runs guests everywhere, so it shows that the probe can succeed where hardware cannot.
  it("believes an accelerator under which a guest spoke", async () => {
    const verdict = await probeAccelerator(image, { systemRoot, signal: UNBOUND, accelerator: "tcg", deadlineMs: MINUTE });
    expect(verdict).to.deep.equal({ works: true, reason: "a guest ran" });
  });

  it("gives up a guest that is silent at the deadline", async () => {
    const { works, reason } = await probeAccelerator(image, { systemRoot, signal: UNBOUND, accelerator: "tcg", deadlineMs: 300 });
    expect(works).to.equal(false);
    expect(reason).to.contain("said nothing for 0.3 s");
  });
});
