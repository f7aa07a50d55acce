import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { distrustAfterBoot } from "../../../core/image/boot-check.ts";
import { openStore } from "../../../core/image/store.ts";

describe("Images after a boot of the host", () => {
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), "cloche-boot-")); });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are distrusted once, since a crash may have come before it", async () => {
    const cache = join(folder, "cache");
    const bootId = join(folder, "boot_id");
    const { suspect } = await openStore(cache);
    const isDistrusted = async (boot: string): Promise<boolean> => {
      rmSync(suspect, { force: true });
      writeFileSync(bootId, boot);
      await distrustAfterBoot(cache, bootId);
      return existsSync(suspect);
    };
    expect(await isDistrusted("first")).to.equal(false); // a cache that was never used has nothing to doubt
    expect(await isDistrusted("first")).to.equal(false);
    expect(await isDistrusted("second")).to.equal(true);
    expect(await isDistrusted("second")).to.equal(false);
  });
});
