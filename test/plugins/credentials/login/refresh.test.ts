import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { refreshHostLogin } from "../../../../plugins/credentials/login/refresh.ts";
import { readHostLogin } from "../../../../plugins/credentials/gateway/service/host-login.ts";

const TOKEN = "sk-ant-oat01-0123456789abcdef";

describe("Renewing the host's login", () => {
  let folder: string;
  let file: string;
  const login = (expiresAt: number): void => writeFileSync(file, JSON.stringify({ claudeAiOauth: { accessToken: TOKEN, expiresAt } }));
  const reach = () => ({ file, stateDir: join(folder, "state"), env: { PATH: `${folder}/bin:/usr/bin:/bin`, HOME: folder, LEAK: "leaked" } });
  const claude = (script: string): void => writeFileSync(join(folder, "bin/claude"), `#!/bin/sh\necho "$(pwd) \${LEAK:-clean} $*" >>"$HOME/ran"\n${script}\n`, { mode: 0o755 });
  const ran = (): readonly string[] => (existsSync(join(folder, "ran")) ? readFileSync(join(folder, "ran"), "utf8").trim().split("\n") : []);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cr-"));
    file = join(folder, "login");
    mkdirSync(join(folder, "bin"));
    login(1);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is done by the host's own Claude, once for all who ask, away from the project and with a clean environment", async () => {
    claude(`sleep 0.2; printf '{"claudeAiOauth":{"accessToken":"${TOKEN}","expiresAt":%s000}}' "$(($(date +%s) + 3600))" >"$HOME/login"`);
    await Promise.all([refreshHostLogin(reach()), refreshHostLogin(reach()), refreshHostLogin(reach())]);
    expect(ran()).to.deep.equal(["/ clean -p Reply with: ok --model haiku"]);
    expect(readHostLogin(file)?.expiresAt).to.be.greaterThan(Date.now());
    await refreshHostLogin(reach()); // it is good already
    expect(ran()).to.have.lengthOf(1);
    expect(existsSync(join(folder, "state/login.lock"))).to.equal(false);
  });

  it("is not done while another session does it, and is when that was killed long ago", async () => {
    mkdirSync(join(folder, "state"));
    const lock = join(folder, "state/login.lock");
    writeFileSync(lock, "");
    claude("exit 0");
    const renewed = refreshHostLogin(reach());
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(ran()).to.deep.equal([]);
    login(Date.now() + 3_600_000); // the other has done it
    rmSync(lock);
    await renewed;
    expect(ran()).to.deep.equal([]);
    login(1);
    writeFileSync(lock, "");
    utimesSync(lock, 1, 1);
    expect(String(await refreshHostLogin(reach()).catch(String))).to.include("as old as before");
    expect(ran()).to.have.lengthOf(1);
  });

  it("says when there is no Claude, and never what it printed", async () => {
    expect(String(await refreshHostLogin({ ...reach(), env: { PATH: "/nonexistent" } }).catch(String))).to.include("no `claude` in your PATH");
    claude("echo canary; exit 1");
    expect(String(await refreshHostLogin(reach()).catch(String))).to.include("as old as before").and.not.include("canary");
  });
});
