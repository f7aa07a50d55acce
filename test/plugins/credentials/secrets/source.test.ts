import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { readSource, type SourceReach } from "../../../../plugins/credentials/secrets/source.ts";
import { entriesOf, readOr } from "../../../support/proc.ts";

describe("The source of a secret", () => {
  let folder: string;
  const reach = (more: Partial<SourceReach> = {}): SourceReach => ({ env: { PATH: `${folder}:/usr/bin:/bin`, HOME: folder, LEAK: "leaked" }, signal: new AbortController().signal, ...more });
  const program = (name: string, script: string): void => writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const why = async (reading: Promise<string>): Promise<string> => await reading.then((value) => `it gave ${value}`, String);

  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), "cs-")); });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("may be the system's keyring, asked by the program of the system", async () => {
    program("secret-tool", 'echo "$LEAK $*" >"$HOME/asked"; echo canary-from-the-keyring');
    expect(await readSource("The secret", { keyring: { service: "example", account: "me and you" } }, reach())).to.equal("canary-from-the-keyring");
    expect(readFileSync(join(folder, "asked"), "utf8")).to.equal(" lookup service example account me and you\n");
    program("secret-tool", "exit 1"); // as it does when there is no such entry
    expect(await why(readSource("The secret", { keyring: { service: "example" } }, reach()))).to.include("The secret").and.include("the keyring's entry for example").and.include("exit status 1");
  });

  it("is given up when it is late, with all that it started, and its words stay unsaid", async () => {
    program("slow", 'echo $$ >"$HOME/pid"; echo canary-0123456789; sleep 300 & wait');
    const said = await why(readSource("The secret", { command: ["slow"] }, reach({ deadlineMs: 700 })));
    expect(said).to.include("The secret").and.include("the command slow").and.include("did not answer within 0.7 s").and.not.include("canary");
    const group = readFileSync(join(folder, "pid"), "utf8").trim();
    for (let waited = 0; waited < 5000 && living(group).length > 0; waited += 50) await sleep(50);
    expect(living(group)).to.deep.equal([]);
  });

  it("is given up when the start is called off", async () => {
    program("slow", 'touch "$HOME/began"; sleep 300');
    const calledOff = new AbortController();
    const reading = why(readSource("The secret", { command: ["slow"] }, reach({ signal: calledOff.signal })));
    while (!existsSync(join(folder, "began"))) await sleep(20);
    calledOff.abort(new Error("called off"));
    expect(await reading).to.not.include("it gave");
  });

  it("may not be a pipe or a link, at which a read would wait or go elsewhere", async () => {
    execFileSync("mkfifo", [join(folder, "pipe")]);
    execFileSync("ln", ["-s", "/etc/hostname", join(folder, "link")]);
    for (const name of ["pipe", "link"]) expect(await why(readSource("The secret", { file: `~/${name}` }, reach()))).to.include(`the file ~/${name}`).and.match(/not a plain file|is a link/);
  });

  /** The processes of a group that still run. */
  function living(group: string): readonly string[] {
    return entriesOf("/proc").filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
      const [, state = "Z", its] = /\) (\S) \d+ (\d+)/.exec(readOr(`/proc/${pid}/stat`)) ?? [];
      return state !== "Z" && its === group;
    });
  }
});
