import { chmodSync, lstatSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { directories, privateDirectory } from "../../../core/config/directories.ts";
import { Place } from "./fixture.ts";

describe("Our own directories", () => {
  it("are where the XDG variables say, else below the home directory", () => {
    using place = new Place();
    place.directory("runtime");
    const { root } = place;
    expect(directories(place.env)).to.deep.equal({
      config: join(root, "config/cloche"),
      cache: join(root, "cache/cloche"),
      state: join(root, "state/cloche"),
      runtime: join(root, "runtime/cloche"),
    });
    expect(directories({ HOME: "/h" })).to.deep.equal({
      config: "/h/.config/cloche",
      cache: "/h/.cache/cloche",
      state: "/h/.local/state/cloche",
      runtime: join(tmpdir(), `cloche-${process.getuid?.()}`),
    });
  });

  it("are not where a relative variable says", () => {
    expect(directories({ HOME: "/h", XDG_CONFIG_HOME: "somewhere", XDG_RUNTIME_DIR: "here" }).config).to.equal("/h/.config/cloche");
  });

  it("avoid the runtime directory of another user, which su leaves in the environment", () => {
    const { runtime } = directories({ HOME: "/h", XDG_RUNTIME_DIR: process.getuid?.() === 0 ? "/nowhere" : "/run" });
    expect(runtime).to.equal(join(tmpdir(), `cloche-${process.getuid?.()}`));
  });

  it("are made for the user alone", () => {
    using place = new Place();
    const made = privateDirectory(join(place.root, "a/b"), "XDG_X");
    expect(lstatSync(made).mode & 0o777).to.equal(0o700);
    expect(privateDirectory(made, "XDG_X")).to.equal(made);
  });

  for (const [what, plant, says] of [
    ["others may enter", (_: string, place: Place) => chmodSync(place.directory("run"), 0o755), "others may enter it (mode 755)"],
    ["is a link", (path: string, place: Place) => symlinkSync(place.directory("elsewhere"), path), "it is a link"],
    ["is a file", (_: string, place: Place) => place.file("run", ""), "run"],
  ] as const) {
    it(`are refused where the directory ${what}`, () => {
      using place = new Place();
      plant(join(place.root, "run"), place);
      expect(() => privateDirectory(join(place.root, "run"), "XDG_RUNTIME_DIR")).to.throw(says).with.property("code", "DIRECTORY_NOT_OURS");
    });
  }
});
