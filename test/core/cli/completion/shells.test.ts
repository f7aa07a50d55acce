import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { completionScript, type Shell } from "../../../../core/cli/completion/scripts.ts";
import { Emulator } from "../../../support/emulator.ts";
import { ROOT } from "../../../support/sources.ts";
import { Pty } from "../../../support/pty.ts";
import { quoted } from "../../../support/quoted.ts";

const TAB = "\t";

/** Real shells complete real words: the program behind the script is the one of this clone, run from its sources. */
describe("the completions of real shells", function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "cloche-shells-"));
    const program = join(folder, "it's cloche");
    writeFileSync(program, `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(join(ROOT, "core/cli.ts"))} "$@"\n`);
    chmodSync(program, 0o755);
    for (const shell of ["bash", "zsh", "fish"] as const satisfies readonly Shell[]) writeFileSync(join(folder, shell), completionScript(shell, program));
  });
  after(() => rmSync(folder, { recursive: true }));

  const env = () => ({ PATH: "/usr/local/bin:/usr/bin:/bin", HOME: folder, XDG_RUNTIME_DIR: folder, TERM: "xterm-256color", LANG: "C.UTF-8" });

  it("of bash", async () => {
    const complete = (...words: string[]) => {
      const script = `source '${folder}/bash'; COMP_WORDS=(cloche ${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length}; compopt() { echo "compopt $2"; }; _cloche; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return execFileSync("bash", ["--norc", "-c", script], { env: env() }).toString().trim().split("\n");
    };
    expect(complete("plugin", "en")).to.deep.equal(["enable"]);
    expect(complete("--set", "machine.mem")).to.deep.equal(["compopt nospace", "machine.memory="]);
    expect(complete("exec", "")).to.deep.equal(["compopt default"]);
    await using pty = new Pty("bash", ["--norc", "-i"], env());
    pty.type(`source '${folder}/bash'\r`);
    pty.type(`cloche doc${TAB}`);
    await pty.shows("cloche doctor ", 20_000);
  });

  it("of zsh", async () => {
    await using pty = new Pty("zsh", ["-f", "-i"], env());
    pty.type(`autoload -U compinit; compinit -u -d '${folder}/dump'; source '${folder}/zsh'; PS1=ready%#\\ ; unsetopt prompt_sp\r`);
    await stands(pty, "ready");
    pty.type(`cloche plugin dis${TAB}`);
    await stands(pty, "cloche plugin disable");
    pty.type(`\x15cloche --set machine.mem${TAB}4`);
    await stands(pty, "machine.memory=4");
    pty.type(`\x15cloche ${TAB}`);
    await stands(pty, "Open a login shell in a fresh session");
  });

  it("of fish", () => {
    const complete = (line: string) => {
      const script = `source '${folder}/fish'; complete -C '${line}'`;
      return execFileSync("fish", ["--no-config", "-c", script], { env: env() }).toString().trim().split("\n");
    };
    expect(complete("cloche doc")).to.deep.equal(["doctor\tSay what this host can do, what is missing and how to get it"]);
    expect(complete("cloche plugin enable eg")[0]).to.match(/^egress\t/);
    expect(complete("cloche exec /etc/host").map((line) => line.split("\t")[0])).to.include("/etc/hosts");
  });

  it("never run what is typed in front of the words", () => {
    for (const shell of ["bash", "zsh", "fish"] as const) {
      const script = completionScript(shell, "/opt/cloche/bin/cloche");
      expect(script).to.contain("('/opt/cloche/bin/cloche' complete -- ");
      expect(script).to.not.match(/COMP_WORDS\[0\]|words\[1\]|COMP_LINE/);
    }
  });
});

/** Waits until this stands on the screen, however the shell drew it. */
async function stands(pty: Pty, text: string): Promise<void> {
  const late = performance.now() + 20_000;
  for (;;) {
    const emulator = new Emulator();
    await emulator.show(Buffer.from(pty.screen));
    const { lines } = emulator.picture();
    if (lines.some((line) => line.includes(text))) return;
    if (performance.now() > late) throw new Error(`"${text}" does not stand on the screen:\n${lines.join("\n").trim()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
