import { execFileSync } from "node:child_process";
import { expect } from "chai";
import fc from "fast-check";
import { parseGitConfig } from "../../../../plugins/credentials/staging/git/parse.ts";
import { Home, staged } from "./fixture.ts";

const GITCONFIG = "/home/agent/.gitconfig";

/** What git itself says of a configuration; undefined when it does not accept it. */
function gitSays(home: Home, text: string): readonly (readonly [string, string])[] | undefined {
  home.write("probe", text);
  try {
    const listed = execFileSync("git", ["config", "--file", `${home.path}/probe`, "--no-includes", "--list", "-z"], { cwd: "/", encoding: "latin1", stdio: ["ignore", "pipe", "ignore"], env: { PATH: "/usr/bin:/bin" } });
    return listed.split("\0").filter((entry) => entry !== "").map((entry) => {
      const at = entry.indexOf("\n");
      return at < 0 ? [entry, "true"] : [entry.slice(0, at), entry.slice(at + 1)];
    });
  } catch {
    return undefined;
  }
}

function weSay(text: string): readonly (readonly [string, string])[] | undefined {
  try {
    return parseGitConfig(text).map(({ section, subsection, name, value }) => [[section, ...(subsection === undefined ? [] : [subsection]), name].join("."), Buffer.from(value).toString("latin1")]);
  } catch {
    return undefined;
  }
}

describe("git's configuration", () => {
  const EXAMPLES = [
    "[user]\n\tname = A B\n\temail=a@b.test # comment\n", '[a "b.C"]\nx=1\n[A.B]\ny\n', '[x]\n  k = "quoted # not ; comment " tail  \n', "[x]\nk = a\\\n   b\n",
    '[x]\nk = "a\\n\\t\\"\\\\"\n', "; c\n# d\n[x] k = same line\n", "[x]\nk =\nl = \n", '[x "a\\"b\\\\c"]\nk=v', "[x]\r\nk = v\r\n", "[x]\nk = a  b c\n",
  ];
  const BROKEN = ["[x\nk=v\n", '[x]\nk = "open\n', "[x]\nk = \\q\n", "[x]\n1k = v\n", "[x]\nk v\n", "[x]\nk # c\n"];

  it("is read as git reads it", () => {
    using home = new Home();
    for (const text of EXAMPLES) expect(weSay(text), text).to.deep.equal(gitSays(home, text));
    for (const text of BROKEN) expect([weSay(text), gitSays(home, text)], text).to.deep.equal([undefined, undefined]);
  });

  it("is read as git reads it, whatever is in it, or not at all", () => {
    using home = new Home();
    const piece = fc.constantFrom("[a]", '[b "c"]', "\n", "k", "=", " ", "v", '"', "\\", "#", ";", "x y", "\\n", "[d.e]", "Name", "\r\n");
    fc.assert(fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      const ours = weSay(pieces.join(""));
      if (ours !== undefined) expect(ours).to.deep.equal(gitSays(home, pieces.join("")));
    }), { numRuns: 300 });
  });

  it("gives the identity, harmless settings and plain aliases, and switches signing off", () => {
    using home = new Home({
      ".gitconfig": '[user]\n\tname = Zoë "Z" O\'Neil\n\temail = z@example.com\n\tsigningKey = ABC\n[commit]\n\tgpgSign = true\n[pull]\n\trebase = true\n[user "other"]\n\tname = Other\n[alias]\n\tst = status -sb\n\tx = !sh\n[core]\n\tsshCommand = ssh -i k\n\texcludesFile = ~/my-ignores\n',
      "my-ignores": "*.swp\n",
    });
    const staging = home.stage();
    home.write("made", staged(staging, GITCONFIG) ?? "");
    const entries = Object.fromEntries(gitSays(home, staged(staging, GITCONFIG) ?? "") ?? []);
    expect({ ...entries, "user.name": Buffer.from(entries["user.name"] ?? "", "latin1").toString() }).to.deep.equal({
      "user.name": "Zoë Z O'Neil", "user.email": "z@example.com", "pull.rebase": "true", "alias.st": "status -sb",
      "commit.gpgsign": "false", "tag.gpgsign": "false", "push.gpgsign": "false",
    });
    expect(staged(staging, "/home/agent/.config/git/ignore")).to.match(/^\*\.swp\n/).and.include("/.claude/settings.local.json");
    expect(staging.leftOut.map(({ what }) => what.split(": ")[1])).to.include.members(["user.signingkey", "alias.x", "core.sshcommand"]);
  });

  it("follows includes, those for the project's directory among them", () => {
    using home = new Home({
      ".gitconfig": '[include]\npath = more\n[user]\nemail = home@example.com\n[includeIf "gitdir:~/projects/"]\npath = ~/work.inc\n[includeIf "gitdir:~/play/"]\npath = ~/play.inc\n',
      more: "[user]\nname = Me\n", "work.inc": "[user]\nemail = work@example.com\n", "play.inc": "[user]\nemail = play@example.com\n",
    });
    const text = staged(home.stage(), GITCONFIG);
    expect(text).to.include("work@example.com").and.include("Me").and.not.include("play@");
  });

  it("gives nothing of itself when it is in a circle or cannot be read, and says so", () => {
    using home = new Home({ ".gitconfig": "[user]\nname = Me\n[include]\npath = .gitconfig\n" });
    const staging = home.stage();
    expect(staged(staging, GITCONFIG)).to.not.include("Me");
    expect(staging.leftOut.map(({ what }) => what)).to.include(`${home.path}/.gitconfig: its includes go in a circle`);
  });
});
