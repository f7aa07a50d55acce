import { statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Place } from "../../support/place.ts";
import { leftoversWithin, traces } from "../../support/traces.ts";

describe("cloche started as root", () => {
  it("warns and works; the agent is a normal user inside, what it makes is root's outside, and nothing is left", async () => {
    using place = new Place();
    const before = traces([place.runtime]);
    const script = 'id -u; touch made; chmod 4755 made; echo planted >/proc/sys/kernel/core_pattern; ls -ln made | cut -c1-10';
    const ended = await place.cloche(["exec", "--", "sh", "-c", script]).ended;
    expect(ended.stderr).to.include("You are root.");
    expect(ended.stdout.split("\n")[0]).to.equal("1000");
    const { uid, mode } = statSync(join(place.project, "made"));
    expect(uid).to.equal(0);
    expect(mode & 0o7000, "set-user-id on the host").to.equal(0);
    expect(await leftoversWithin(before, [place.runtime])).to.deep.equal([]);
  });
});
