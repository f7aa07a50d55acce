import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { BASE_FILES } from "../../core/image/base.ts";
import type { Image } from "../../core/image/image.ts";
import { kernelCommandLine, PROBE_LINE } from "../../core/image/kernel-command-line.ts";
import { probeAccelerator } from "../../core/machine/accelerator-probe.ts";
import { architecture } from "../../core/machine/architecture.ts";
import { bootQemu } from "../../core/machine/boot.ts";
import { hostContainment, type Bounds } from "../../core/machine/containment.ts";
import { boardArguments, type Accelerator } from "../../core/machine/qemu-arguments.ts";
import { imageBinds, startQemu, type Qemu } from "../../core/machine/qemu.ts";
import { Disposers } from "../../core/support/disposers.ts";
import { Place } from "../support/place.ts";

const UNBOUND = new AbortController().signal;
const MINUTE = 60_000;

describe("A guest of the image's kernel alone", () => {
  let image: Image;
  let place: Place;
  const systemRoot = process.env["CLOCHE_TEST_QEMU_ROOT"] ?? "/";

  before(async () => {
    place = new Place();
    expect((await place.cloche(["build"], { deadlineMs: 15 * MINUTE }).ended).status).to.equal(0);
    const bases = join(place.env["XDG_CACHE_HOME"] ?? "", "cloche/bases");
    const [id = "none"] = readdirSync(bases).filter((name) => !name.includes("."));
    const file = (name: keyof typeof BASE_FILES) => join(bases, id, BASE_FILES[name]);
    image = { id, kernel: file("kernel"), initrd: file("initrd"), disks: [] };
  });
  after(() => place[Symbol.dispose]());

  // Software emulation runs guests everywhere, so it shows that the probe can succeed where hardware cannot.
  it("that spoke makes the probe believe an accelerator", async () => {
    const verdict = await probeAccelerator(image, { systemRoot, signal: UNBOUND, accelerator: "tcg", deadlineMs: MINUTE });
    expect(verdict).to.deep.equal({ works: true, reason: "a guest ran" });
  });

  it("is given up by the probe when it is silent at the deadline", async () => {
    const { works, reason } = await probeAccelerator(image, { systemRoot, signal: UNBOUND, accelerator: "tcg", deadlineMs: 300 });
    expect(works).to.equal(false);
    expect(reason).to.contain("said nothing for 0.3 s");
  });

  describe("whose kernel crashes while it boots", () => {
    const CRASHES = `${kernelCommandLine({ disks: 0 })} rdinit=/none root=/dev/none`;
    const ENDS_WELL = kernelCommandLine({ disks: 0, probe: true });

    /** Boots with one command line after the other, and answers how it came out. */
    async function bootWith(accelerator: Accelerator, commandLines: readonly string[]) {
      await using scope = new Disposers();
      const cell = await hostContainment().openCell([], { scope, signal: UNBOUND });
      const said: string[] = [];
      let starts = 0;
      const start = async (bounds: Bounds): Promise<Qemu> => {
        const board = { architecture: architecture(), accelerator: "tcg", cpus: 1, memoryMiB: 256, kernelCommandLine: commandLines[starts++] ?? "" } as const;
        return await startQemu(cell, { argv: boardArguments(board), systemRoot, accelerator: "tcg", binds: imageBinds(image) }, bounds);
      };
      const qemu = await bootQemu(start, { accelerator, deadlineMs: MINUTE, say: (line) => said.push(line) }, { scope, signal: UNBOUND });
      return { starts, said, end: await qemu.ended, console: qemu.consoleTail.lines(Infinity) };
    }

    it("is booted once more under software emulation, which is said", async () => {
      const { starts, said, end, console } = await bootWith("tcg", [CRASHES, ENDS_WELL]);
      expect({ starts, end: end.reason }).to.deep.equal({ starts: 2, end: "powered-off" });
      expect(console).to.include(PROBE_LINE).and.not.include("panic");
      expect(said).to.have.length(1);
      expect(said[0]).to.match(/booting once more\. Kernel panic - not syncing: /);
    });

    it("is not booted a third time", async () => {
      const { starts, said, end } = await bootWith("tcg", [CRASHES, CRASHES, ENDS_WELL]);
      expect({ starts, said: said.length, end: end.reason }).to.deep.equal({ starts: 2, said: 1, end: "failed" });
    });

    it("is not booted again by hardware, where that would hide a fault", async () => {
      const { starts, said, end } = await bootWith("kvm", [CRASHES, ENDS_WELL]);
      expect({ starts, said: said.length, end: end.reason }).to.deep.equal({ starts: 1, said: 0, end: "failed" });
    });

    it("is not booted again when it ended by itself", async () => {
      expect(await bootWith("tcg", [ENDS_WELL, CRASHES])).to.include({ starts: 1 });
    });
  });
});
