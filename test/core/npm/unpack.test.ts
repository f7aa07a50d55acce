import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { linkInTree, unpackMember } from "../../../core/npm/unpack.ts";
import { calm, failureOf, Place } from "./support.ts";

describe("Unpacking the agent's program", () => {
  let place: Place;
  let tree: string;

  beforeEach(() => {
    place = new Place();
    tree = join(place.folder, "a, tree:x");
    mkdirSync(tree);
  });

  afterEach(() => place[Symbol.dispose]());

  const unpack = (file: string) => unpackMember(file, { path: "package/claude", to: "/usr/local/bin/claude", isProgram: true }, tree, "the thing", calm());

  it("takes the program alone, for everybody to run, whatever the umask is", async () => {
    const before = process.umask(0o077);
    try {
      await unpack(place.tarball().file);
    } finally {
      process.umask(before);
    }
    expect(readFileSync(join(tree, "usr/local/bin/claude"), "utf8")).to.equal("program\n");
    expect(readdirSync(tree, { recursive: true })).to.have.members(["usr", "usr/local", "usr/local/bin", "usr/local/bin/claude"]);
    for (const path of ["", "usr", "usr/local", "usr/local/bin", "usr/local/bin/claude"]) {
      expect(statSync(join(tree, path)).mode & 0o7777, path).to.equal(0o755);
    }
  });

  it("takes away bits that would give the program another's rights", async () => {
    await unpack(place.tarball("mkdir package && echo x >package/claude && chmod 6777 package/claude").file);
    expect(statSync(join(tree, "usr/local/bin/claude")).mode & 0o7777).to.equal(0o755);
  });

  it("refuses a link in the program's place", async () => {
    const error = await failureOf(unpack(place.tarball("mkdir package && ln -s /etc/passwd package/claude").file));
    expect(error.message).to.include("not a plain file");
  });

  it("says when there is no program in it, or it is no tarball", async () => {
    expect((await failureOf(unpack(place.tarball("mkdir package").file))).code).to.equal("NPM_UNPACK_FAILED");
    const junk = join(place.folder, "junk");
    writeFileSync(junk, "junk");
    expect((await failureOf(unpack(junk))).code).to.equal("NPM_UNPACK_FAILED");
  });

  it("lets everybody run what a link leads to, which the package need not say, and nothing else", async () => {
    const { file } = place.tarball("mkdir -p package/lib && echo x >package/lib/cli.mjs && echo x >package/lib/more.mjs && chmod 644 package/lib/*");
    await unpackMember(file, { path: "package", to: "/usr/local/lib/thing" }, tree, "the thing", calm());
    await linkInTree(tree, "/usr/local/bin/thing", "/usr/local/lib/thing/lib/cli.mjs");
    const modes = ["cli.mjs", "more.mjs"].map((name) => statSync(join(tree, "usr/local/lib/thing/lib", name)).mode & 0o7777);
    expect(modes).to.deep.equal([0o755, 0o644]);
    expect(readlinkSync(join(tree, "usr/local/bin/thing"))).to.equal("/usr/local/lib/thing/lib/cli.mjs");
    await linkInTree(tree, "/usr/local/bin/elsewhere", "/usr/bin/of-the-base");
  });
});
