import { expect } from "chai";
import { prepareHost } from "../../../core/doctor/prepare.ts";
import type { Look } from "../../../core/doctor/look.ts";
import type { Need } from "../../../core/doctor/needs.ts";
import { isFailure } from "../../../core/support/errors.ts";
import { fakeLook, type FakeHost } from "./fake-look.ts";

const NEED: Need = { id: "glass", programs: ["glass"], purpose: "is seen through", packages: { apt: "glassware window" } };

/** A host whose package manager works: what is installed is there afterwards. */
function installing(host: FakeHost, worksAt = 1): Look & { readonly ran: string[] } {
  const look = fakeLook(host);
  let tries = 0;
  let installed = false;
  return {
    ...look,
    find: (program) => (program === "glass" && installed ? "/usr/bin/glass" : look.find(program)),
    run: async (argv) => {
      const said = await look.run(argv);
      if (!argv.includes("install")) return said;
      tries += 1;
      installed = said.status === 0 && tries >= worksAt;
      return installed ? said : { status: 100, output: "E: Unable to locate package" };
    },
  };
}

function talk(answer?: boolean) {
  const said: string[] = [];
  const asked: string[] = [];
  const ask = answer === undefined ? undefined : async (question: string) => (asked.push(question), answer);
  return { said, asked, say: (line: string) => void said.push(line), ask };
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(() => undefined, (error: unknown) => error);
}

const ROOT = { facts: { uid: 0 }, programs: ["apt-get"] };

describe("Preparing the host", () => {
  it("does nothing when all is there", async () => {
    const look = fakeLook({ programs: ["glass"] });
    expect(await prepareHost(look, talk(), [NEED])).to.equal("ready");
    expect(look.ran).to.deep.equal([]);
  });

  it("goes ahead where nobody can answer, and says what it installs", async () => {
    const look = installing(ROOT);
    const quiet = talk();
    expect(await prepareHost(look, quiet, [NEED])).to.equal("ready");
    expect(look.ran).to.deep.equal(["env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends glassware window"]);
    expect(quiet.said.join("\n")).to.include("glass (is seen through)").and.include("installing glassware, window");
  });

  it("asks at a terminal, and takes no for an answer", async () => {
    const look = installing(ROOT);
    const no = talk(false);
    expect(await prepareHost(look, no, [NEED])).to.equal("declined");
    expect(no.asked).to.deep.equal(["Install glassware, window now?"]);
    expect(look.ran).to.deep.equal([]);
    const yes = talk(true);
    expect(await prepareHost(look, yes, [NEED])).to.equal("ready");
  });

  it("renews the lists of packages when an installation fails, and tries once more", async () => {
    const look = installing(ROOT, 2);
    expect(await prepareHost(look, talk(), [NEED])).to.equal("ready");
    expect(look.ran.map((line) => line.replace(/.*apt-get (\w+).*/, "$1"))).to.deep.equal(["install", "update", "install"]);
  });

  it("shows the package manager's own words when it fails again", async () => {
    const error = await failureOf(prepareHost(installing(ROOT, 3), talk(), [NEED]));
    expect(isFailure(error, "INSTALL_FAILED")).to.equal(true);
    expect(error).to.have.property("message").that.includes("Unable to locate package");
  });

  it("uses sudo where it works without a password, or at a terminal", async () => {
    const quiet = installing({ programs: ["apt-get", "sudo"] });
    await prepareHost(quiet, talk(), [NEED]);
    expect(quiet.ran.at(-1)).to.match(/^\/usr\/bin\/sudo -n env .* apt-get install/);
    const locked = { programs: ["apt-get", "sudo"], says: [["sudo -n true", { status: 1 }]] as const };
    const atTerminal = installing({ ...locked, facts: { isTerminal: true } });
    await prepareHost(atTerminal, talk(true), [NEED]);
    expect(atTerminal.ran.at(-1)).to.match(/^\/usr\/bin\/sudo env .* apt-get install/);
  });

  it("says the exact command when it may not become root", async () => {
    for (const host of [{ programs: ["apt-get"] }, { programs: ["apt-get", "sudo"], says: [["sudo -n true", { status: 1 }]] as const }]) {
      const error = await failureOf(prepareHost(installing(host), talk(), [NEED]));
      expect(isFailure(error, "INSTALL_NOT_ROOT")).to.equal(true);
      expect(error).to.have.property("hint", "Run: sudo apt-get install -y --no-install-recommends glassware window");
    }
  });

  it("names what no package of this system brings", async () => {
    const error = await failureOf(prepareHost(installing({ facts: { uid: 0 }, programs: ["zypper"] }), talk(), [NEED]));
    expect(isFailure(error, "INSTALL_UNKNOWN")).to.equal(true);
    expect(error).to.have.property("message").that.includes("glass");
  });

  it("does not believe an installation that brought nothing", async () => {
    const look = { ...installing(ROOT), find: (program: string) => (program === "apt-get" ? "/usr/bin/apt-get" : undefined) };
    expect(isFailure(await failureOf(prepareHost(look, talk(), [NEED])), "INSTALL_UNKNOWN")).to.equal(true);
  });
});
