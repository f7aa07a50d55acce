import { failed, ok, unmeasured, warn, type Check } from "../check.ts";

const GIB = 1024 ** 3;
const LEAST = 2;
const COMFORTABLE = 5;

/** Space for images: making one needs its unpacked tree and the result at once. */
export const disk: Check = {
  id: "disk",
  title: "Disk space",
  async run(look) {
    const bytes = await look.freeBytes(look.cacheDir);
    if (bytes === undefined) return unmeasured(`not measured: ${look.cacheDir} cannot be looked at`);
    const free = bytes / GIB;
    const found = `${free.toFixed(1)} GiB free for ${look.cacheDir}`;
    const fix = `Making an image takes up to ${LEAST} GiB for a while. Free some, or choose another place with XDG_CACHE_HOME.`;
    if (free < LEAST) return failed(found, fix);
    return free < COMFORTABLE ? warn(found, fix) : ok(found);
  },
};
