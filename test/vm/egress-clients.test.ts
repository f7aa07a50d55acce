import { appendFileSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { carryClients } from "../support/clients/carried.ts";
import { layOutRegistries } from "../support/clients/registries.ts";
import type { Place } from "../support/place.ts";
import { startMachineInWorld, type Arrangement, type MachineInWorld } from "../support/world/machine-in-world.ts";

const MINUTE = 60_000;
const CLIENTS = "/tmp/clients"; // the project itself is far slower to run from
const NAMES = ["npm.test", "pip.test", "files.test", "company.test"];
const SYSTEM_BUNDLE = "/etc/ssl/certs/ca-certificates.crt";

/** A user of a company: npm and pip are set to its mirrors and to authorities of their own, the variables name a third. */
const COMPANY: Arrangement = {
  names: NAMES,
  arrange(folder, place, { furtherCas: [ofNpm = "", ofPip = "", ofFiles = "", ofCompany = ""] }) {
    layOutRegistries(folder);
    const put = (path: string, content: string) => {
      const at = join(place.home, path);
      mkdirSync(join(at, ".."), { recursive: true });
      writeFileSync(at, content);
      return at;
    };
    put(".npmrc", `registry=https://someone:secret-word@npm.test/npm/\ncafile=${put("npm.pem", ofNpm)}\n//npm.test/npm/:_authToken=secret-token\n`);
    put(".config/pip/pip.conf", `[global]\nindex-url = https://someone:secret-word@pip.test/pip/simple/\ncert = ${put("pip.pem", ofPip + ofFiles)}\n`);
    useInstead(place, put("company.pem", ""), ofCompany);
    carryClients(join(place.project, "clients.tar"), place.env);
  },
};

/** The variable names a bundle with the company's authority among the public ones, as such bundles are. */
function useInstead({ env }: Place, bundle: string, ca: string): void {
  const usual = env["SSL_CERT_FILE"] ?? SYSTEM_BUNDLE;
  if (existsSync(usual)) copyFileSync(usual, bundle);
  appendFileSync(bundle, ca);
  env["SSL_CERT_FILE"] = bundle;
  // the host's own settings are those of the files above
  for (const name of Object.keys(env).filter((name) => /^npm_config_(registry|cafile)$/i.test(name))) delete env[name];
}

describe("Real clients in a machine, unmodified and set to no proxy, where a company has mirrors and authorities of its own", function () {
  this.timeout(4 * MINUTE); // a command has three
  let machine: MachineInWorld;

  before(async function () {
    this.timeout(15 * MINUTE);
    const egress = { presets: ["npm", "pip"], allow: ["company.test", "files.test"], notify: false };
    // where Debian's packages of Java keep it; this image has none of them
    const provision = [{ run: "mkdir -p /etc/ssl/certs/java && touch /etc/ssl/certs/java/cacerts", as: "root", beforeMounts: true }];
    machine = await startMachineInWorld({ egress, provision }, COMPANY);
    await machine.bash(`mkdir ${CLIENTS} && tar -x -f clients.tar -C ${CLIENTS}`);
  });
  after(async () => await machine?.[Symbol.asyncDispose]());

  const asked = async (script: string, user: "agent" | "root" = "agent"): Promise<{ readonly said: string; readonly heard: readonly string[] }> => {
    let said = "";
    const arrived = await machine.arrivingDuring(async () => { said = await machine.bash(`set -eu\n${script}`, user); });
    return { said, heard: arrived.filter(({ protocol }) => protocol === "https").map(({ what }) => what) };
  };

  it("npm installs a package", async () => {
    const { said, heard } = await asked(`
      export PATH="${CLIENTS}/node/bin:$PATH"
      cd "$(mktemp -d)"; echo '{}' >package.json
      node ${CLIENTS}/node/npm/bin/npm-cli.js install --no-audit --no-fund seven >&2
      node -p 'require("seven")'`);
    expect(said).to.equal("7\n");
    expect(heard).to.include.members(["npm.test/npm/seven", "npm.test/npm/tarballs/seven.tgz"]); // it may also ask for itself, whether there is a newer one
    for (const what of heard) expect(what).to.match(/^npm\.test\//);
  });

  for (const user of ["agent", "root"] as const) {
    it(`pip installs a package as ${user}, whose variables sudo would take away`, async () => {
      const { said, heard } = await asked(`
        to=$(mktemp -d)
        env -u PIP_CERT -u SSL_CERT_FILE -u REQUESTS_CA_BUNDLE -u PIP_INDEX_URL PYTHONPATH=${CLIENTS}/python/pip ${CLIENTS}/python/bin/python3 -m pip install --quiet --no-cache-dir --disable-pip-version-check --target "$to" seven >&2
        PYTHONPATH=$to python3 -c 'import seven; print(seven.VALUE)'`, user);
      expect(said).to.equal("7\n");
      expect(heard).to.deep.equal(["pip.test/pip/simple/seven/", "files.test/pip/files/seven-1.0-py3-none-any.whl"]);
    });
  }

  it("apt installs a package", async () => {
    const { said, heard } = await asked(`
      echo 'deb [trusted=yes] https://company.test/apt ./' >/tmp/seven.list
      apt() { command apt-get -qq -o Dir::Etc::SourceList=/tmp/seven.list -o Dir::Etc::SourceParts=/dev/null "$@" >&2; }
      apt update; apt install seven; cat /usr/share/seven`, "root");
    expect(said).to.equal("7\n");
    expect(heard).to.include("company.test/apt/./Packages").and.include("company.test/apt/./seven.deb");
  });

  it("git clones, and curl fetches", async () => {
    const { said, heard } = await asked("git clone -q https://company.test/repository.git /tmp/cloned; cat /tmp/cloned/file; curl -sS https://company.test/hello");
    expect(said).to.equal("from the repository\nhello from outside\n");
    expect(heard).to.include("company.test/repository.git/info/refs?service=git-upload-pack").and.include("company.test/hello");
  });

  it("a JVM fetches, by the store that Debian's Java has", async () => {
    // on one processor: QEMU 7.2 goes on running code that another one has just changed
    const { said, heard } = await asked("cd /tmp/clients; taskset -c 0 java/bin/java -cp classes Client https://company.test/hello");
    expect(said).to.match(/^HTTP_[12](_1)? 200 hello from outside\n$/);
    expect(heard).to.deep.equal(["company.test/hello"]);
  });

  it("and none of the host's logins is among what the guest was given", async () => {
    const { said } = await asked("{ env; cat /etc/pip.conf /etc/cloche/npmrc; } | grep -c -e secret -e someone || true; cat /etc/pip.conf", "root");
    expect(said).to.match(/^0\n\[global\]\nindex-url = https:\/\/pip\.test\/pip\/simple\/\n/);
  });
});
