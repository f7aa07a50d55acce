import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import credentials from "../../../../plugins/credentials/index.ts";
import { scanProject } from "../../../../plugins/credentials/project/scan.ts";
import { warnOfSecrets } from "../../../../plugins/credentials/project/warn.ts";

const BAD: Readonly<Record<string, string>> = {
  ".env": "PORT=80\nAPI_TOKEN=canary0123456789\n",
  "app/.env.local": "export DB_PASSWORD='canary-password'\n",
  ".npmrc": "//registry.test/:_authToken=canary-0123\n",
  ".netrc": "machine x login me password canary\n",
  ".pypirc": "[pypi]\npassword = canary-token\n",
  ".git/config": '[remote "origin"]\n\turl = https://me:canary@example.com/x.git\n',
  "deep/repo/.git/config": "[http]\n\textraheader = Authorization: Basic canary\n",
  "certs/server.key": "-----BEGIN PRIVATE KEY-----\ncanary\n",
  "config/secrets.yaml": "database:\n  password: canary-password\n",
  "service-account.json": '{"private_key": "canary-private-key"}',
};

const GOOD: Readonly<Record<string, string>> = {
  ".env.example": "API_TOKEN=canary0123456789\n",
  "b/.env": "PORT=80\nAPI_TOKEN=${OTHER}\nSECRET=changeme-please\nPASSWORD=your-password\n",
  "b/.npmrc": "registry=https://registry.test/\n//registry.test/:_authToken=${NPM_TOKEN}\n",
  "b/.git/config": '[remote "origin"]\n\turl = https://example.com/x.git\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n',
  "certs/server.pem": "-----BEGIN CERTIFICATE-----\n",
  "src/token.ts": 'const token = "canary0123456789";\n',
  "node_modules/x/.env": "API_TOKEN=canary0123456789\n",
};

describe("Secrets in the project", () => {
  let project: string;
  const write = (files: Readonly<Record<string, string>>): void => {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(project, name)), { recursive: true });
      writeFileSync(join(project, name), content);
    }
  };
  beforeEach(() => { project = mkdtempSync(join(tmpdir(), "cp-")); });
  afterEach(() => rmSync(project, { recursive: true }));

  it("are found where they usually stand, and told of by the names of their files alone", () => {
    write({ ...BAD, ...GOOD });
    const found = scanProject(project);
    expect(found.map(({ path }) => path)).to.have.members(Object.keys(BAD));
    expect(JSON.stringify(found)).to.not.include("canary");
  });

  it("are warned of unless they are masked, with the command that masks them", () => {
    write(BAD);
    const said: string[] = [];
    const say = (line: string): void => void said.push(line);
    warnOfSecrets(scanProject(project), [], { say });
    expect(said[0]).to.include(".env (").and.include("and 5 more").and.include("cloche config set credentials.mask '[");
    said.length = 0;
    warnOfSecrets(scanProject(project), [".env", "app", ".npmrc", ".netrc", ".pypirc", ".git/config", "deep", "certs", "config"], { say });
    expect(said).to.have.lengthOf(1);
    expect(said[0]).to.include("service-account.json").and.not.include("more");
    warnOfSecrets([], [], { say });
    expect(said).to.have.lengthOf(1);
  });

  it("are looked for without following links, and in bounded time", () => {
    symlinkSync("/etc", join(project, "etc"));
    symlinkSync("/dev/zero", join(project, ".env"));
    for (let index = 0; index < 200; index++) write({ [`d${index}/file`]: "x", [`d${index}/.env`]: "API_TOKEN=canary0123456789\n" });
    const started = performance.now();
    expect(scanProject(project)).to.have.lengthOf(50);
    expect(performance.now() - started).to.be.lessThan(500);
  });

  it("are masked by paths in the project alone", () => {
    const accepts = (path: string) => credentials.options.safeParse({ mask: [path] }).success;
    expect([".env", "config/secrets.yaml", "a b/ü"].map(accepts)).to.deep.equal([true, true, true]);
    expect(["/etc/passwd", "../x", "a/../b", "", "a//b", "./a"].map(accepts)).to.deep.equal([false, false, false, false, false, false]);
  });
});
