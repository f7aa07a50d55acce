import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Place } from "../support/place.ts";

const MINUTE = 60_000;
const FOLDER = "/home/agent/.claude/projects";

describe("What the agent keeps of a project", function () {
  this.timeout(8 * MINUTE);
  let place: Place;

  before(() => {
    place = new Place("the project");
    place.configure({ claude: { keep: true } });
  });
  after(() => place[Symbol.dispose]());

  const cloche = async (args: readonly string[]) => await place.cloche(args, { input: "", deadlineMs: 4 * MINUTE }).ended;

  it("is there in the next session, in cloche's own directory, and nowhere of the user's agent", async () => {
    const first = await cloche(["exec", "--", "sh", "-c", `mkdir ${FOLDER}/of-this && echo gooseberry >${FOLDER}/of-this/transcript && id -u`]);
    expect(first, first.stderr).to.include({ status: 0, stdout: "1000\n" });
    expect(first.stderr).to.include("Kept for the next session of this project");
    const second = await cloche(["exec", "--", "sh", "-c", `cat ${FOLDER}/of-this/transcript`]);
    expect(second, second.stderr).to.include({ status: 0, stdout: "gooseberry\n" });
    expect(existsSync(join(place.home, ".claude"))).to.equal(false);
  });

  it("is listed and forgotten", async () => {
    const [kept] = JSON.parse((await cloche(["state", "list", "--json"])).stdout) as { project: string; files: number }[];
    expect(kept).to.include({ project: place.project, files: 1 });
    expect((await cloche(["state", "forget"])).stdout).to.match(/^Forgot 1 file /);
    expect((await cloche(["state", "list"])).stdout).to.equal("Nothing is kept.\n");
  });
});
