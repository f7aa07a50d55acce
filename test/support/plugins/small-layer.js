// Adds a small layer to the image, slow enough for two makers to meet; each making leaves a line in the file `small.log`.
import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { definePlugin } from "cloche";
import { z } from "zod";

export default definePlugin({
  name: "small-layer",
  section: "small",
  description: "A small layer for the tests.",
  options: z.strictObject({ log: z.string().default("/dev/null"), key: z.string().default("") }),
  onByDefault: true,
  build(recipe, { options }) {
    recipe.addLayer({
      name: "small",
      key: { key: options.key },
      async make(tree) {
        await appendFile(options.log, "made\n");
        await sleep(700);
        await writeFile(join(tree, "small"), "x".repeat(100_000));
      },
    });
  },
});
