import { spawnSync } from "node:child_process";
import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Place } from "./fixture.ts";

const CHILD = join(import.meta.dirname, "hostile-child.ts");

function load(how: "plain" | "ours" | "user", place: Place, directory = place.project): unknown {
  const { stdout, stderr, status } = spawnSync(process.execPath, [CHILD, how, directory], {
    cwd: place.project,
    env: { ...place.env, PATH: process.env["PATH"] },
    encoding: "utf8",
    timeout: 20_000,
  });
  if (status !== 0) throw new Error(`the child ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as unknown;
}

/** A bomb, its canary, and whether it went off. */
class Bomb {
  readonly #canary: string;

  constructor(place: Place) {
    this.#canary = join(place.root, "canary");
  }

  script(): string {
    return `require("node:fs").writeFileSync(${JSON.stringify(this.#canary)}, "boom"); module.exports = {};`;
  }

  module(): string {
    return `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(this.#canary)}, "boom"); export default {};`;
  }

  get wentOff(): boolean {
    return existsSync(this.#canary);
  }
}

interface Way {
  readonly how: string;
  /** What cloche answers: the values in force, or the code of the refusal. */
  readonly answer: unknown;
  plant(place: Place, bomb: Bomb): void;
}

const BUILT = ["js", "cjs", "mjs"].map(
  (ending): Way => ({
    how: `.config/config.${ending}, which is run when cosmiconfig is merely made`,
    answer: [],
    plant: (place, bomb) => place.file(`project/.config/config.${ending}`, ending === "mjs" ? bomb.module() : bomb.script()),
  }),
);

const OWN_CODE = ["js", "cjs", "mjs", "ts"].flatMap((ending) =>
  [".clocherc", ".config/clocherc", "cloche.config"].map(
    (name): Way => ({
      how: `${name}.${ending}`,
      answer: "CONFIG_CODE",
      plant: (place, bomb) => {
        place.file("project/package.json", { type: ending === "js" ? "commonjs" : "module" });
        place.file(`project/${name}.${ending}`, ending === "mjs" || ending === "ts" ? bomb.module() : bomb.script());
      },
    }),
  ),
);

const WAYS: readonly Way[] = [
  ...BUILT,
  ...OWN_CODE,
  {
    how: "$import of code in a file of data",
    answer: "CONFIG_REACHES_OUT",
    plant: (place, bomb) => {
      place.file("project/bomb.cjs", bomb.script());
      place.asks({ $import: "./bomb.cjs" });
    },
  },
  {
    how: "$import of code in the key of package.json",
    answer: "CONFIG_REACHES_OUT",
    plant: (place, bomb) => {
      place.file("project/bomb.cjs", bomb.script());
      place.file("project/package.json", { cloche: { $import: "./bomb.cjs" } });
    },
  },
  {
    how: "package.json, whose key cosmiconfig redirects the search",
    answer: [],
    plant: (place, bomb) => {
      place.file("project/bomb.cjs", bomb.script());
      // cosmiconfig 10 takes the key out twice, cosmiconfig 9 once
      place.file("project/package.json", { cosmiconfig: { searchPlaces: ["bomb.cjs"], cosmiconfig: { searchPlaces: ["bomb.cjs"] } } });
    },
  },
  {
    how: ".config/config.json, which redirects the search",
    answer: [],
    plant: (place, bomb) => {
      place.file("project/bomb.cjs", bomb.script());
      place.file("project/.config/config.json", { cosmiconfig: { searchPlaces: ["bomb.cjs"] } });
    },
  },
];

describe("A hostile checkout", () => {
  for (const { how, answer, plant } of WAYS) {
    it(`runs nothing through ${how}, though the bomb is live`, () => {
      using place = new Place();
      const bomb = new Bomb(place);
      place.user({});
      // without a file to read, cosmiconfig is not even made
      if (Array.isArray(answer)) place.file("project/.config/clocherc.yaml", "{}");
      plant(place, bomb);
      expect(load("ours", place)).to.deep.equal(answer);
      expect(bomb.wentOff, "it went off under cloche").to.equal(false);
      load("plain", place);
      expect(bomb.wentOff, "it goes off under plain cosmiconfig").to.equal(true);
    }).timeout(20_000);
  }

  it("does not speak in the user's name through .config/config.json", () => {
    using place = new Place();
    place.file("project/.config/config.json", { cloche: { machine: { accel: "tcg" } } });
    const elsewhere = place.directory("elsewhere");
    expect(load("plain", place, elsewhere), "what plain cosmiconfig answers for another directory").to.deep.equal({ machine: { accel: "tcg" } });
    expect(load("user", place, place.config)).to.deep.equal([]);
    expect(load("ours", place)).to.deep.equal([]);
  });

  it("gets no file from outside of the project read through a link, be it the file or its directory", () => {
    using place = new Place();
    const outside = place.file("outside/clocherc.json", { narrow: { level: 9 } });
    symlinkSync(outside, join(place.project, ".clocherc.json"));
    expect(load("plain", place)).to.deep.equal({ narrow: { level: 9 } });
    expect(load("ours", place)).to.equal("CONFIG_LINK_OUT");

    using other = new Place();
    other.file("outside/clocherc.json", { narrow: { level: 9 } });
    symlinkSync(join(other.root, "outside"), join(other.project, ".config"));
    expect(load("plain", other)).to.deep.equal({ narrow: { level: 9 } });
    expect(load("ours", other)).to.equal("CONFIG_LINK_OUT");
  }).timeout(20_000);

  it("may link to a file of its own", () => {
    using place = new Place();
    place.file("project/settings/cloche.json", { narrow: { level: 9 } });
    symlinkSync("settings/cloche.json", join(place.project, ".clocherc.json"));
    expect(load("ours", place)).to.deep.equal([["narrow.level", 9]]);
  });
});
