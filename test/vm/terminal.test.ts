import { expect } from "chai";
import { Pty } from "../support/pty.ts";
import { PNG, XClipboard } from "../support/x-clipboard.ts";
import { sharedSession, type SharedSession } from "../support/shared-session.ts";

const READ = "xclip -selection clipboard -o -t image/png";

describe("The terminal of a command in a real machine", function () {
  this.timeout(300_000);
  let session: SharedSession;
  before(async function () {
    this.timeout(240_000);
    session = await sharedSession();
  });

  const onTerminal = (script: string, env: Record<string, string> = {}) => {
    const [program = "", ...args] = session.place.program;
    return new Pty("env", ["-C", session.place.project, program, ...args, "exec", "--session", session.name, "-t", "--", "bash", "-c", script], {
      ...session.place.env, TERM: "xterm-256color", ...env,
    });
  };

  it("gets nothing but good sequences, as root in the guest too, while the same bytes reach a pipe whole", async () => {
    const evil = "a\\033]52;c;?\\007\\033]52;c;aGk=\\007\\033[21t\\033P$qm\\033\\\\\\033]1337;File=:AA\\007\\2333m\\033[1mb";
    await using pty = onTerminal(`printf '${evil}'`);
    expect((await pty.ended).status).to.equal(0);
    // what it tried is told, in words of ours
    expect(pty.screen).to.contain("wanted to write your clipboard");
    const [, shown] = /^(?:\x1b\[22;0t\x1b\]0;\[cloche\][^\x07]*\x07)?(.*?)(?:\x1b\[23;0t|$)/s.exec(pty.screen) ?? [];
    expect(shown).to.equal("a\ufffd3m\x1b[1mb\x1b[0m");
    const { stdout } = await session.exec(["printf", evil]);
    expect(stdout).to.contain("\x1b]52;c;?\x07").and.contain("\x1b[21t");
  });

  it("is not frozen by a command that stops itself, and keeps its status", async () => {
    await using pty = onTerminal("kill -STOP $$; echo went on; exit 7");
    expect((await pty.ended).status).to.equal(7);
    expect(pty.screen).to.contain("went on");
  });

  it("is the user's again when the command ends, with its title", async () => {
    await using pty = onTerminal("printf '\\033]0;mine\\007\\033[?1049h\\033[?1003h'; kill -KILL $$");
    expect((await pty.ended).restored).to.equal(true);
    expect(pty.screen).to.contain("\x1b]0;cloche: mine\x07").and.match(/\x1b\[\?1049l\x1b\[\?1003l\x1b\[23;0t$/);
  });

  it("gives the guest no image as long as nobody pastes one, though the host's clipboard holds it", async () => {
    await using clipboard = await XClipboard.start();
    clipboard.hold("image/png", PNG);
    // Ctrl+V is a key like others for what is not the agent
    await using pty = onTerminal(`stty -icanon -echo lnext undef; echo up; read -rsn1 key; ${READ} | base64 -w0; echo "status \${PIPESTATUS[0]}"`, { DISPLAY: clipboard.display });
    await pty.shows("up", 60_000);
    pty.type("\x16");
    await pty.shows("status 1", 60_000);
    const { status } = await session.exec(["sh", "-c", READ]);
    expect(status).to.equal(1);
  });

  it("gives out what was delivered once", async () => {
    const image = PNG.toString("base64");
    const script = `printf ${image} | base64 -d | xclip --cloche-deliver image/png; xclip -o -t TARGETS; ${READ} | base64 -w0; ${READ} || echo none`;
    expect(await session.sh(script)).to.equal(`image/png\n${image}none\n`);
  });
});
