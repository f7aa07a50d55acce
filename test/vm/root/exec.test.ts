import { statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { WatchedPlace } from "../../support/watched-place.ts";

describe("A command in a machine that root started", () => {
  it("runs as a normal user; what it makes is root's outside and gets no set-user-id bit, and nothing is left", async () => {
    using place = new WatchedPlace();
    const ended = await place.cloche(["exec", "--", "sh", "-c", "id -u; touch made; chmod 4755 made"]).ended;
    expect(ended.stdout).to.equal("1000\n");
    const { uid, mode } = statSync(join(place.project, "made"));
    expect({ uid, setBits: mode & 0o7000 }).to.deep.equal({ uid: 0, setBits: 0 });
    expect(await place.left()).to.deep.equal([]);
  });
});
