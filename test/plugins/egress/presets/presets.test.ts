import { rootCertificates } from "node:tls";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { withoutSecrets } from "../../../../core/support/log.ts";
import { aptAuthorities } from "../../../../plugins/egress/presets/apt.ts";
import { presetHost } from "../../../../plugins/egress/presets/host.ts";
import type { PresetHost } from "../../../../plugins/egress/presets/preset.ts";
import { PRESETS, resolvePresets, trustedFor, type PresetName } from "../../../../plugins/egress/presets/presets.ts";
import { readRule } from "../../../../plugins/egress/policy/rule.ts";
import { makeCertificate } from "../support/certificates.ts";

/** A host with these files below /home/me, whose tools answer what is written for their arguments. */
function hostWith(files: Readonly<Record<string, string>>, said: Readonly<Record<string, string>> = {}, env: Readonly<Record<string, string>> = {}): PresetHost {
  return {
    home: "/home/me",
    env,
    read: (path) => files[path.replace(/^\/home\/me\//, "")],
    remember: async (_key, find) => await find(),
    ask: async (...argv) => Object.entries(said).find(([start]) => argv.join(" ").startsWith(start))?.[1],
  };
}

/** As npm prints it, with what is overridden, and what it keeps to itself. */
function saidByNpm(config: object): Readonly<Record<string, string>> {
  const lines = Object.entries(config).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  const default_ = '; "default" config from default values\n\n; registry = "https://default.example/" ; overridden by user\n';
  return { "npm config list --long": `${default_}${lines.join("\n")}\n//npm.corp.example/:_password = (protected)\n\n; Run \`npm config ls -l\` to show all defaults.\n` };
}

async function resolve(name: PresetName, host: PresetHost) {
  const resolution = await PRESETS[name](host);
  if ("why" in resolution) return expect.fail(resolution.why);
  for (const rule of resolution.rules) expect(readRule(rule)).to.have.property("rule");
  return resolution;
}

describe("A preset", () => {
  it("npm is what the host's npm uses, for all packages and for scopes, without its login", async () => {
    const config = { registry: "https://me:tok%65n-word@npm.corp.example:8443/npm/", "@corp:registry": "http://10.1.2.3/x", "@bad:registry": "file:///x", "//npm.corp.example/:_authToken": "(protected)", other: 1 };
    const { rules, env, files } = await resolve("npm", hostWith({}, saidByNpm(config)));
    expect(rules).to.deep.equal([{ host: "npm.corp.example:8443", private: true }, { host: "10.1.2.3:80", private: true }]);
    expect(env).to.include({ npm_config_registry: "https://npm.corp.example:8443/npm/" });
    expect(files?.[0]?.content).to.equal("registry=https://npm.corp.example:8443/npm/\n@corp:registry=http://10.1.2.3/x\n");
    expect(withoutSecrets("token-word")).to.equal("[hidden]");
  });

  it("pip is what the host's pip uses, and where its index sends it for the files", async () => {
    const config = "global.index-url='https://u:p@pypi.corp.example/simple'\nglobal.extra-index-url='https://more.corp.example/simple file:///x'\nglobal.timeout='3'\n";
    const report = '{"install": [{"download_info": {"url": "https://files.corp.example/a/pip.whl"}}]}';
    const { rules, env, files } = await resolve("pip", hostWith({}, { "pip3 config list": config, "pip3 install --dry-run": report }));
    expect(rules).to.deep.equal(["pypi", "more", "files"].map((name) => ({ host: `${name}.corp.example:443`, private: true })));
    expect(env?.["PIP_INDEX_URL"]).to.equal("https://pypi.corp.example/simple");
    expect(files?.[0]?.content).to.equal("[global]\nindex-url = https://pypi.corp.example/simple\ncert = /etc/ssl/certs/ca-certificates.crt\nextra-index-url = https://more.corp.example/simple\n");
  });

  it("pip without configuration is what pip itself says that it uses", async () => {
    const help = "  -i, --index-url <url>  Base URL of the Python Package Index (default\n                         https://default.example/simple). This should point";
    const { rules } = await resolve("pip", hostWith({}, { "pip config list": "", "pip install --help": help }));
    expect(rules).to.deep.equal([{ host: "default.example:443", private: true }]);
  });

  it("cargo is what the host's configuration replaces its source with", async () => {
    const toml = '[source.crates-io]\nreplace-with = "corp"\n# a comment\n[source.corp]\nregistry = "sparse+https://u:p@cargo.corp.example/index/"\n[registries.mine]\nindex = "https://mine.corp.example/git"\ntoken = "secret"\n';
    const { rules, files } = await resolve("cargo", hostWith({ ".cargo/config.toml": toml }));
    expect(rules).to.deep.equal([{ host: "cargo.corp.example:443", private: true }, { host: "mine.corp.example:443", private: true }]);
    expect(files?.[0]?.content).to.include('[source.crates-io]\nreplace-with = "corp"\n').and.include('registry = "sparse+https://cargo.corp.example/index/"').and.not.include("secret");
  });

  it("maven is the mirrors of the host's settings", async () => {
    const xml = "<settings><!-- <mirror><url>http://no</url></mirror> --><servers><server><password>secret</password></server></servers><mirrors><mirror><id>x</id><mirrorOf>*</mirrorOf><url> https://mvn.corp.example/all?a&b </url></mirror></mirrors></settings>";
    const { rules, env, files } = await resolve("maven", hostWith({ ".m2/settings.xml": xml }));
    expect(rules).to.deep.equal([{ host: "mvn.corp.example:443", private: true }]);
    expect(env?.["MAVEN_ARGS"]).to.include(files?.[0]?.path ?? "none");
    expect(files?.[0]?.content).to.include("<mirrorOf>*</mirrorOf><url>https://mvn.corp.example/all?a&amp;b</url>").and.not.include("secret");
  });

  it("docker is the mirrors of the host's engine", async () => {
    const { rules } = await resolve("docker", hostWith({ "/etc/docker/daemon.json": '{"registry-mirrors": ["https://hub.corp.example:5000", 3]}' }));
    expect(rules).to.deep.equal([{ host: "hub.corp.example:5000", private: true }]);
  });

  it("github is the one that gh is logged in to, or the public one", async () => {
    expect((await resolve("github", hostWith({ ".config/gh/hosts.yml": "git.corp.example:\n    oauth_token: x\n" }))).rules).to.deep.equal([{ host: "git.corp.example:443", private: true }]);
    expect((await resolve("github", hostWith({}))).rules).to.include("api.github.com");
  });

  describe("of a mirror that a company's own authority signs for", () => {
    const [one, other] = [makeCertificate(["a.test"]).ca.trimEnd(), makeCertificate(["b.test"]).ca.trimEnd()];
    const bundle = `# all\n${rootCertificates[0]}\n${one}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`;
    const npmSays = (config: object) => saidByNpm({ registry: "https://npm.corp.example/", ...config });

    it("npm has it trusted by its file and by its text, what is public left out", async () => {
      const { authorities } = await resolve("npm", hostWith({ "ca.pem": bundle }, npmSays({ cafile: "/home/me/ca.pem", ca: [other.replaceAll("\n", "\\n"), 3] })));
      expect(authorities).to.deep.equal([other, one]);
      expect((await resolve("npm", hostWith({ "ca.pem": bundle }, npmSays({ cafile: "ca.pem", ca: null })))).authorities).to.deep.equal([]);
      expect((await resolve("npm", hostWith({ "/etc/ssl/cert.pem": one }, npmSays({ cafile: "/etc/ssl/cert.pem" })))).authorities, "the system's own").to.deep.equal([]);
      expect((await resolve("npm", hostWith({}, npmSays({ cafile: "/missing.pem" })))).authorities).to.deep.equal([]);
    });

    it("pip has what counts most with pip itself: its variable, then its command's section", async () => {
      const files = { "one dir/ca.pem": one, "other.pem": other };
      const [environment, install, global] = [":env:.cert='/home/me/one dir/ca.pem'\n", "install.cert='/home/me/other.pem'\n", "global.cert='/missing.pem'\nglobal.index-url='https://pypi.corp.example/simple'\n"];
      const authoritiesFor = async (config: string) => (await resolve("pip", hostWith(files, { "pip3 config list": config }))).authorities;
      expect(await authoritiesFor(environment + global + install)).to.deep.equal([one]);
      expect(await authoritiesFor(global + install)).to.deep.equal([other]);
      expect(await authoritiesFor(global)).to.deep.equal([]);
    });

    it("cargo, docker and apt have what theirs name", async () => {
      const toml = '[http]\ncainfo = "/home/me/ca.pem"\n[registries.mine]\nindex = "https://mine.corp.example/git"\n';
      expect((await resolve("cargo", hostWith({ ".cargo/config.toml": toml, "ca.pem": one }))).authorities).to.deep.equal([one]);
      expect((await resolve("cargo", hostWith({ ".cargo/config.toml": toml, "b.pem": other }, {}, { CARGO_HTTP_CAINFO: "/home/me/b.pem" }))).authorities).to.deep.equal([other]);
      const engine = { "/etc/docker/daemon.json": '{"registry-mirrors": ["https://hub.corp.example:5000"]}', "/etc/docker/certs.d/hub.corp.example:5000/ca.crt": one };
      expect((await resolve("docker", hostWith(engine))).authorities).to.deep.equal([one]);
      const dump = 'Acquire::https "";\nAcquire::https::CAInfo "/home/me/ca.pem";\nAcquire::https::apt.corp.example::CaInfo "/home/me/b.pem";\nAcquire::http::CAInfo "/home/me/no";\n';
      expect(await aptAuthorities(hostWith({ "ca.pem": one, "b.pem": other }, { "apt-config dump": dump }))).to.deep.equal([one, other]);
    });

    it("has it trusted in the gateway for its own hosts alone", async () => {
      const presets = await resolvePresets(["npm", "github"], hostWith({ "ca.pem": one }, npmSays({ cafile: "/home/me/ca.pem" })));
      expect(trustedFor(presets)).to.deep.equal([{ target: "npm.corp.example:443", ca: one }]);
    });
  });

  it("that the host says nothing about allows nothing, and says so", async () => {
    const { resolved, missing } = await resolvePresets(["npm", "pip", "cargo", "maven", "docker"], hostWith({ ".cargo/config.toml": "[build]\n", ".m2/settings.xml": "<settings/>" }));
    expect(resolved).to.deep.equal([]);
    expect(missing.map(({ name }) => name)).to.deep.equal(["npm", "pip", "cargo", "maven", "docker"]);
    for (const { why } of missing) expect(why).to.match(/host/);
  });

  it("of an address on this host itself cannot be had: the guest would look for it in itself", async () => {
    expect(await PRESETS.npm(hostWith({}, saidByNpm({ registry: "http://localhost:4873/" })))).to.have.property("why");
  });
});

describe("The host as presets see it", () => {
  let folder: string;
  beforeEach(() => { folder = realpathSync(mkdtempSync(join(tmpdir(), "cloche-test-"))); });
  afterEach(() => rmSync(folder, { recursive: true }));

  function tool(path: string, script: string): void {
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }

  it("runs the host's tools, away from the project, with nothing of the environment that they do not need", async () => {
    tool(join(folder, "bin/npm"), 'echo "$PWD $1 $SECRET$npm_config_x"');
    const host = presetHost({ PATH: `${folder}/bin:/usr/bin:/bin`, HOME: folder, SECRET: "s", npm_config_x: "y" }, join(folder, "project"), folder);
    expect(await host.ask("npm", "a")).to.equal("/ a y\n");
    expect(await host.ask("missing")).to.equal(undefined);
  });

  it("never runs one that lies in the project", async () => {
    tool(join(folder, "project/bin/npm"), "echo bomb");
    const host = presetHost({ PATH: `${folder}/project/bin:${folder}/project:relative`, HOME: folder }, join(folder, "project"), folder);
    expect(await host.ask("npm")).to.equal(undefined);
  });

  it("remembers what took long to find out, for a week and with its key alone", async () => {
    const host = () => presetHost({}, "/p", folder);
    let asked = 0;
    const find = async () => [`answer ${(asked += 1)}`];
    for (const key of ["a", "a", "b"]) await host().remember(key, find);
    expect(await host().remember("a", find)).to.deep.equal(["answer 1"]);
    expect(asked).to.equal(2);
    writeFileSync(join(folder, "egress-presets.json"), "garbage");
    expect(await host().remember("a", find)).to.deep.equal(["answer 3"]);
  });

  it("takes no answer from one that fails", async () => {
    tool(join(folder, "bin/npm"), "echo half; exit 1");
    expect(await presetHost({ PATH: `${folder}/bin:/usr/bin:/bin` }, "/p", folder).ask("npm")).to.equal(undefined);
  });
});
