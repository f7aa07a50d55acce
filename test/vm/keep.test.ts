import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { startScriptedApi, type ScriptedApi } from "../support/scripted-api/server.ts";
import { Place } from "../support/place.ts";

const KEY = "sk-ant-scripted-77d1c3a0be91f264";
const MINUTE = 60_000;
const WORD = "gooseberry";

describe("What the agent keeps of a project", () => {
  let place: Place;
  let api: ScriptedApi;

  before(async () => {
    place = new Place("the project", { ANTHROPIC_API_KEY: KEY });
    api = await startScriptedApi({ turns: [{ text: "Noted." }, { text: `It was ${WORD}.` }], key: KEY });
    const ca = join(place.home, "ca.pem");
    writeFileSync(ca, api.caPem);
    place.configure({ claude: { keep: true }, egress: { upstreams: { "api.anthropic.com": { address: "127.0.0.1", port: api.port, ca } } } });
  });

  after(async () => {
    place[Symbol.dispose]();
    await api.close();
  });

  const agent = async (args: readonly string[]) => await place.cloche(args, { input: "", deadlineMs: 4 * MINUTE }).ended;

  it("is there for the next session's -c, in cloche's own directory, and nowhere of the user's agent", async () => {
    const first = await agent(["--", "-p", `The word is ${WORD}.`]);
    expect(first, first.stderr).to.include({ status: 0, stdout: "Noted.\n" });
    expect(first.stderr).to.include("Kept for the next session of this project");
    const second = await agent(["--", "-c", "-p", "Which word was it?"]);
    expect(second, second.stderr).to.include({ status: 0, stdout: `It was ${WORD}.\n` });
    expect(api.conversation().at(-1)?.body).to.include(`The word is ${WORD}.`).and.include("Which word was it?");
    expect(existsSync(join(place.home, ".claude"))).to.equal(false);
  });

  it("is listed and forgotten; without it there is nothing to continue", async () => {
    const [kept] = JSON.parse((await agent(["state", "list", "--json"])).stdout) as { project: string; files: number; bytes: number }[];
    expect(kept).to.include({ project: place.project });
    expect(kept?.bytes).to.be.greaterThan(100);
    expect((await agent(["state", "forget"])).stdout).to.match(/^Forgot \d+ files? /);
    const third = await agent(["--", "-c", "-p", "Which word was it?"]);
    expect(third.status).to.not.equal(0);
    expect(api.conversation().filter(({ body }) => body.includes("Which word was it?"))).to.have.lengthOf(1);
  });
});
