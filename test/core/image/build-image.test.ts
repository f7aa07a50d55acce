import { expect } from "chai";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildImage, type BuildOptions } from "../../../core/image/build-image.ts";
import { takeLock } from "../../../core/image/lock.ts";
import type { GetOffer } from "../../../core/image/offer.ts";
import { pruneImages } from "../../../core/image/prune.ts";
import type { Recipe, RecipeLayer } from "../../../core/image/recipe.ts";
import { distrustImages } from "../../../core/image/store.ts";
import { inspectImages, verifyImage } from "../../../core/image/verify.ts";
import { ClocheError, isFailure } from "../../../core/support/errors.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const PLAIN: Recipe = { suite: "trixie", packages: [], asked: [], files: [], commands: [], units: [], prepare: [], warm: [], layers: [] };

describe("making an image", () => {
  let place: string;
  let told: string[];
  let laid: string[];
  let said: string[];
  let packages: string;
  let refused: boolean;
  let breaks: "never" | "looking" | "installing" | "disk";

  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "cloche-images-"));
    told = [];
    laid = [];
    said = [];
    packages = "of today";
    refused = false;
    breaks = "never";
  });
  afterEach(() => rmSync(place, { recursive: true }));

  const offer: GetOffer = async (suite, _mirror, workshop) => {
    told.push("looked");
    if (breaks === "looking") throw new Error("no network");
    const source = { uri: "http://mirror.example/debian-security", suite: `${suite}-security`, components: ["main"] };
    return {
      hash: packages,
      sources: [],
      refused: refused ? [{ source, reason: "timed out" }] : [],
      lay: async () => {
        laid.push(`${suite} ${packages}`);
        mkdirSync(join(workshop, "ground"));
        for (const name of ["kernel", "initrd", "ground.squashfs"]) writeFileSync(join(workshop, "ground", name), `${name} ${packages}`);
      },
      widen: async ({ packages: more, ground }) => {
        laid.push(`${more.join(" ")} ${packages}`);
        mkdirSync(join(workshop, "ground"));
        for (const name of ["kernel", "initrd", "ground.squashfs"]) writeFileSync(join(workshop, "ground", name), readFileSync(join(ground, name)));
      },
      install: async (_recipe, ground) => {
        told.push("installed");
        expect(readFileSync(join(ground, "ground.squashfs"), "utf8")).to.equal(`ground.squashfs ${packages}`);
        mkdirSync(join(workshop, "base"));
        writeFileSync(join(workshop, "secret"), "login");
        if (breaks === "disk") throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
        if (breaks === "installing") throw new Error("broken");
        for (const name of ["kernel", "initrd", "root.squashfs"]) writeFileSync(join(workshop, "base", name), `${name} ${packages}`);
      },
    };
  };
  const build = (recipe: Partial<Recipe> = {}, options: Partial<BuildOptions> = {}) =>
    buildImage(
      { ...PLAIN, asked: recipe.packages ?? [], ...recipe },
      {
        cacheDir: place,
        maxAgeMs: DAY_MS,
        signal: new AbortController().signal,
        progress: { step: () => {}, update: () => {}, say: (line) => void said.push(line) },
        ...options,
      },
      offer,
    );
  const drafts = () => readdirSync(join(place, "drafts"));
  const age = (ms: number) => {
    for (const name of readdirSync(join(place, "recipes"))) {
      const path = join(place, "recipes", name);
      const record = JSON.parse(readFileSync(path, "utf8")) as { lookedAt: number };
      writeFileSync(path, JSON.stringify({ ...record, lookedAt: record.lookedAt - ms }));
    }
  };

  it("happens once; the next time it comes from the cache", async () => {
    const first = await build();
    const second = await build();
    expect(told).to.deep.equal(["looked", "installed"]);
    expect(second).to.deep.equal(first);
    for (const path of [first.kernel, first.initrd, ...first.disks]) expect(existsSync(path)).to.equal(true);
  });

  it("happens once when two start at the same moment", async () => {
    const [one, other] = await Promise.all([build(), build()]);
    expect(told.filter((what) => what === "installed")).to.have.length(1);
    expect(one).to.deep.equal(other);
  });

  it("does not wait for another that is being made when it is in the cache", async () => {
    const image = await build();
    const lock = await takeLock({ lock: join(place, "image.lock"), drafts: join(place, "drafts") }, new AbortController().signal, () => {});
    expect(await build()).to.deep.equal(image);
    await lock[Symbol.asyncDispose]();
  });

  it("keeps an image for each recipe", async () => {
    const one = await build();
    const other = await build({ packages: ["vim"] });
    expect(one.id).not.to.equal(other.id);
    expect(existsSync(one.kernel) && existsSync(other.kernel)).to.equal(true);
  });

  it("makes what all images have in common once, and anew with other packages, another release, or when told to", async () => {
    await build();
    await build({ packages: ["vim"] });
    expect(laid).to.deep.equal(["trixie of today"]);
    await build({ suite: "bookworm" });
    await build({}, { rebuild: true });
    age(2 * DAY_MS);
    packages = "of tomorrow";
    await build({ packages: ["nano"] });
    expect(laid).to.deep.equal(["trixie of today", "bookworm of today", "trixie of today", "trixie of tomorrow"]);
  });

  it("makes what tools and plugins want once, so that one package more of the user's is that package alone", async () => {
    const docker = (...asked: readonly string[]) => build({ packages: ["docker.io", ...asked], asked });
    await docker();
    await docker("vim");
    await docker("vim", "nano");
    expect(laid).to.deep.equal(["trixie of today", "docker.io of today"]);
    await build({ packages: ["git", "jq"], asked: [] });
    expect(laid).to.have.length(2);
  });

  it("needs of the grounds only the last", async () => {
    await build({ packages: ["docker.io"], asked: [] });
    const grounds = join(place, "grounds");
    const first = readdirSync(grounds).find((name) => (JSON.parse(readFileSync(join(grounds, name, "manifest.json"), "utf8")) as { facts: { more: string[] } }).facts.more.length === 0) ?? "";
    rmSync(join(grounds, first), { recursive: true });
    await build({ packages: ["docker.io", "vim"], asked: ["vim"] });
    expect(laid).to.have.length(2);
  });

  it("makes that again when it is damaged, and drops it when nothing was made on it for a month", async () => {
    await build();
    const grounds = join(place, "grounds");
    const [name = ""] = readdirSync(grounds);
    writeFileSync(join(grounds, name, "ground.squashfs"), "shorter");
    await build({ packages: ["vim"] });
    expect(laid).to.have.length(2);
    const longAgo = new Date(Date.now() - 31 * DAY_MS);
    utimesSync(join(grounds, name), longAgo, longAgo);
    packages = "of tomorrow";
    await build({ packages: ["nano"] });
    expect(readdirSync(grounds)).to.have.length(1).and.not.include(name);
  });

  it("looks for updates when the last look is too old, and keeps the image when there are none", async () => {
    const first = await build();
    age(2 * DAY_MS);
    expect(await build()).to.deep.equal(first);
    expect(told).to.deep.equal(["looked", "installed", "looked"]);
    await build();
    expect(told).to.have.length(3);
  });

  it("makes it again when the packages changed", async () => {
    const first = await build();
    age(2 * DAY_MS);
    packages = "of tomorrow";
    const second = await build();
    expect(second.id).not.to.equal(first.id);
    expect(readFileSync(second.kernel, "utf8")).to.equal("kernel of tomorrow");
  });

  it("keeps the old image and says so when it cannot look, and does not try at every start", async () => {
    const first = await build();
    age(2 * DAY_MS);
    breaks = "looking";
    expect(await build()).to.deep.equal(first);
    expect(said.join("\n")).to.contain("no network");
    await build();
    expect(told).to.deep.equal(["looked", "installed", "looked"]);
  });

  it("does not replace an image by one without the security updates", async () => {
    const first = await build();
    age(2 * DAY_MS);
    packages = "without security";
    refused = true;
    expect(await build()).to.deep.equal(first);
    expect(told).to.deep.equal(["looked", "installed", "looked"]);
  });

  it("says which source it does without when there is no image yet", async () => {
    refused = true;
    await build();
    expect(said).to.deep.equal(["Going on without http://mirror.example/debian-security trixie-security, which did not answer."]);
  });

  it("fails when it cannot look and has none, and leaves nothing behind", async () => {
    breaks = "looking";
    const error = await build().then(() => undefined, (reason: Error) => reason.message);
    expect(error).to.equal("no network");
    expect(drafts()).to.deep.equal([]);
  });

  it("leaves neither a half image nor a secret when installing fails", async () => {
    breaks = "installing";
    await build().catch(() => {});
    expect(drafts()).to.deep.equal([]);
    expect(readdirSync(join(place, "bases"))).to.deep.equal([]);
    breaks = "never";
    await build();
    expect(readdirSync(dirname((await build()).kernel)).sort()).to.deep.equal(["initrd", "kernel", "manifest.json", "root.squashfs"]);
  });

  it("names the cache when its disk is full", async () => {
    breaks = "disk";
    const error = await build().then(() => undefined, (reason: unknown) => reason);
    expect(isFailure(error, "IMAGE_NO_SPACE")).to.equal(true);
    expect((error as ClocheError).hint).to.contain(place);
    expect(drafts()).to.deep.equal([]);
  });

  it("makes it again with a message when it is damaged", async () => {
    const { kernel } = await build();
    writeFileSync(kernel, "shorter");
    await build();
    expect(said[0]).to.match(/^The image is damaged \(kernel has 7 bytes/);
    expect(readFileSync(kernel, "utf8")).to.equal("kernel of today");
  });

  it("makes it again when told to", async () => {
    await build();
    await build({}, { rebuild: true });
    expect(told).to.deep.equal(["looked", "installed", "looked", "installed"]);
  });

  it("looks again when another mirror is named", async () => {
    await build();
    await build({}, { mirror: "http://other.example/debian" });
    expect(told).to.deep.equal(["looked", "installed", "looked"]);
  });

  it("refuses a recipe that no shell and no apt should see", async () => {
    const bad: Partial<Recipe>[] = [
      { packages: ["git; reboot"] },
      { packages: ["--option"] },
      { units: ["../x.service"] },
      { units: ["x"] },
      { suite: "trixie main" },
      { files: [{ path: "etc/x", content: "" }] },
      { files: [{ path: "/etc/../x", content: "" }] },
    ];
    for (const recipe of bad) {
      const error = await build(recipe).then(() => undefined, (reason: unknown) => reason);
      expect(isFailure(error, "RECIPE_INVALID"), JSON.stringify(recipe)).to.equal(true);
    }
    expect(told).to.deep.equal([]);
  });

  describe("with a layer", () => {
    const layer = (version: string, make: RecipeLayer["make"]): RecipeLayer => ({ name: "agent", key: { version }, make });
    const writes =
      (text: string): RecipeLayer["make"] =>
      async (tree) => {
        told.push(`layer ${text}`);
        mkdirSync(join(tree, "opt"), { mode: 0o700 });
        writeFileSync(join(tree, "opt", "agent"), text, { mode: 0o700 });
      };

    it("makes it once for each key, and the base not again", async () => {
      const one = await build({ layers: [layer("1", writes("one"))] });
      const again = await build({ layers: [layer("1", writes("one"))] });
      const two = await build({ layers: [layer("2", writes("two"))] });
      expect(told).to.deep.equal(["looked", "installed", "layer one", "layer two"]);
      expect(again).to.deep.equal(one);
      expect(two.id).not.to.equal(one.id);
      expect(two.disks[0]).to.equal(one.disks[0]);
      expect(two.disks).to.have.length(2);
    });

    it("makes it again when it is damaged", async () => {
      const recipe = { layers: [layer("1", writes("one"))] };
      const { disks } = await build(recipe);
      writeFileSync(disks[1] ?? "", "");
      await build(recipe);
      expect(said[0]).to.match(/^The image's layer agent is damaged/);
      expect(told.filter((what) => what === "layer one")).to.have.length(2);
    });

    it("does not make it again when only the base is", async () => {
      await build({ layers: [layer("1", writes("one"))] });
      await build({ layers: [layer("1", writes("one"))] }, { rebuild: true });
      expect(told).to.deep.equal(["looked", "installed", "layer one", "looked", "installed"]);
    });

    it("names the layer that fails and leaves nothing of it", async () => {
      const broken = layer("1", async () => Promise.reject(new Error("no such version")));
      const error = await build({ layers: [broken] }).then(() => undefined, (reason: unknown) => reason);
      expect(isFailure(error, "IMAGE_LAYER_FAILED")).to.equal(true);
      expect((error as Error).message).to.contain("agent").and.contain("no such version");
      expect(drafts()).to.deep.equal([]);
      expect(readdirSync(join(place, "layers"))).to.deep.equal([]);
    });
  });

  describe("and looking after the cache", () => {
    it("verifies one image and reports on all", async () => {
      const image = await build();
      expect(await verifyImage(image, { full: true })).to.equal(undefined);
      writeFileSync(image.initrd, "initrd of tOday");
      expect(await verifyImage(image, { full: true })).to.contain("the content of initrd has changed");
      const report = (await inspectImages(place)).find(({ id }) => id.startsWith("bases/"));
      expect(report?.damage).to.contain("initrd");
    });

    it("reads everything in full after a crash, and drops what is damaged", async () => {
      const one = await build();
      const other = await build({ packages: ["vim"] });
      writeFileSync(other.kernel, "damaged while the host went down");
      await distrustImages(place);
      expect(await build()).to.deep.equal(one);
      expect(existsSync(dirname(other.kernel))).to.equal(false);
      expect(said.join()).to.contain("damaged");
      await build();
      expect(told.filter((what) => what === "looked")).to.have.length(2);
    });

    it("removes what a dead builder left", async () => {
      await build();
      mkdirSync(join(place, "drafts", "dead"));
      await build({ packages: ["vim"] });
      expect(drafts()).to.deep.equal([]);
    });

    it("drops what no start has used for a month", async () => {
      const old = await build();
      const longAgo = new Date(Date.now() - 31 * DAY_MS);
      utimesSync(dirname(old.kernel), longAgo, longAgo);
      await build();
      await build({ packages: ["vim"] });
      expect(existsSync(old.kernel)).to.equal(true);
      utimesSync(dirname(old.kernel), longAgo, longAgo);
      await build({ packages: ["nano"] });
      expect(existsSync(old.kernel)).to.equal(false);
    });

    it("keeps the image that is used again after a month, though a newer offer was looked for", async () => {
      const image = await build();
      const longAgo = new Date(Date.now() - 31 * DAY_MS);
      utimesSync(dirname(image.kernel), longAgo, longAgo);
      age(31 * DAY_MS);
      expect(await build()).to.deep.equal(image);
      expect(existsSync(image.kernel)).to.equal(true);
    });

    it("prunes all but the images to keep", async () => {
      const old = await build();
      const kept = await build({ packages: ["vim"] });
      const { parts, bytes } = await pruneImages(place, [kept], { signal: new AbortController().signal });
      expect(parts).to.equal(2);
      expect(bytes).to.be.greaterThan(0);
      expect(existsSync(old.kernel)).to.equal(false);
      expect(await verifyImage(kept, { full: true })).to.equal(undefined);
      await build({ packages: ["vim"] });
      expect(told.filter((what) => what === "installed")).to.have.length(2);
    });
  });
});
