import { expect } from "chai";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentialsFor, parseNetrc } from "../../../core/image/apt-credentials.ts";
import { networkSettings, proxyVariables } from "../../../core/image/apt-proxy.ts";
import { parseOneLine } from "../../../core/image/apt-sources.ts";
import { withoutSecrets } from "../../../core/support/log.ts";

describe("apt's logins", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloche-apt-"));
    mkdirSync(join(folder, "auth.conf.d"));
    writeFileSync(join(folder, "auth.conf"), "machine mirror.example/debian login one password first-secret-1\nmachine other.example login x password unrelated-secret\n");
    writeFileSync(join(folder, "auth.conf.d", "b.conf"), "# remark\nmachine https://mirror.example\nlogin two\npassword second-secret-2\n");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are taken along for the hosts that are used, and for no others", () => {
    const text = credentialsFor(parseOneLine("deb https://mirror.example/debian trixie main"), folder);
    expect(text).to.contain("machine mirror.example/debian login one password first-secret-1\n");
    expect(text).to.contain("machine https://mirror.example login two password second-secret-2\n");
    expect(text).not.to.contain("unrelated-secret");
  });

  it("that stood in an address are bound to it", () => {
    const text = credentialsFor(parseOneLine("deb http://me:address-secret@mirror.example/debian trixie main"), join(folder, "none"));
    expect(text).to.equal("machine http://mirror.example/debian login me password address-secret\n");
  });

  it("are hidden from logs and errors from then on", () => {
    credentialsFor(parseOneLine("deb http://user:hidden-secret-7@mirror.example/debian trixie main"), folder);
    const header = Buffer.from("user:hidden-secret-7").toString("base64");
    const shown = withoutSecrets(`hidden-secret-7 ${header} second-secret-2`);
    expect(shown).to.equal("[hidden] [hidden] [hidden]");
  });

  it("are nothing when no source needs one", () => {
    expect(credentialsFor(parseOneLine("deb https://open.example/debian trixie main"), folder)).to.equal("");
  });

  it("are read from text that breaks off", () => {
    expect(parseNetrc("machine a.example login")).to.deep.equal([{ machine: "a.example", user: "", password: "" }]);
    expect(parseNetrc("")).to.deep.equal([]);
  });
});

describe("the host's way into the network", () => {
  const DUMP = [
    'APT::Architecture "amd64";',
    'Acquire::http "";',
    'Acquire::http::Proxy "http://me:proxy-secret-9@proxy.example:3128/";',
    'Acquire::http::Proxy::direct.example "DIRECT";',
    'Acquire::https::CaInfo "/etc/ssl/corp.pem";',
    'Acquire::https::mirror.example::Proxy "http://other.example/";',
    'Acquire::https::Proxy "";',
    'Acquire::Check-Valid-Until "false";',
    'APT::Update::Post-Invoke:: "rm -rf /var/cache/apt";',
    'Acquire::http::Proxy-Auto-Detect "/usr/bin/detect";',
    "",
  ].join("\n");

  it("is taken from apt's settings, without its hooks and programs", () => {
    expect(networkSettings(DUMP).trim().split("\n")).to.deep.equal([
      'Acquire::http::Proxy "http://me:proxy-secret-9@proxy.example:3128/";',
      'Acquire::http::Proxy::direct.example "DIRECT";',
      'Acquire::https::CaInfo "/etc/ssl/corp.pem";',
      'Acquire::https::mirror.example::Proxy "http://other.example/";',
      'Acquire::Check-Valid-Until "false";',
    ]);
  });

  it("shows its passwords nowhere", () => {
    networkSettings(DUMP);
    proxyVariables({ https_proxy: "http://me:variable-secret-3@proxy.example" });
    expect(withoutSecrets("proxy-secret-9 variable-secret-3")).to.equal("[hidden] [hidden]");
  });

  it("takes the proxy variables and nothing else from the environment", () => {
    const env = { http_proxy: "http://p.example", NO_PROXY: "x", no_proxy: "", HOME: "/h", AWS_SECRET: "s" };
    expect(proxyVariables(env)).to.deep.equal({ http_proxy: "http://p.example", NO_PROXY: "x" });
  });
});
