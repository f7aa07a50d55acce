import { expect } from "chai";
import { parseDeb822, parseOneLine } from "../../../core/image/apt-sources.ts";

describe("reading apt's one-line sources", () => {
  it("takes address, suite, components and keyring", () => {
    expect(parseOneLine("deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian trixie main contrib")).to.deep.equal([
      { uri: "http://mirror.example/debian", suite: "trixie", components: ["main", "contrib"], signedBy: "/k.gpg" },
    ]);
  });

  it("leaves out comments, source packages, other transports and nonsense", () => {
    const text = [
      "# deb http://mirror.example/debian trixie main",
      "deb-src http://mirror.example/debian trixie main",
      "deb cdrom:[Debian]/ trixie main",
      "deb nonsense",
      "",
      "deb http://mirror.example/debian trixie main # a remark",
    ].join("\n");
    expect(parseOneLine(text).map(({ uri, components }) => [uri, components])).to.deep.equal([["http://mirror.example/debian", ["main"]]]);
  });

  it("takes the login out of the address", () => {
    expect(parseOneLine("deb https://me%40corp:p%3Aw@mirror.example/debian/ trixie main")).to.deep.equal([
      { uri: "https://mirror.example/debian", suite: "trixie", components: ["main"], login: { user: "me@corp", password: "p:w" } },
    ]);
  });

  it("keeps a stray percent sign of a password", () => {
    expect(parseOneLine("deb https://me:50%zz@mirror.example/debian trixie main")[0]?.login?.password).to.equal("50%zz");
  });
});

describe("reading apt's deb822 sources", () => {
  const STANZA = "Types: deb deb-src\nURIs: http://one.example/debian\nSuites: trixie trixie-updates\nComponents: main\n";

  it("makes one source of each address and suite", () => {
    expect(parseDeb822(`${STANZA}Signed-By: /k.gpg\n`)).to.deep.equal([
      { uri: "http://one.example/debian", suite: "trixie", components: ["main"], signedBy: "/k.gpg" },
      { uri: "http://one.example/debian", suite: "trixie-updates", components: ["main"], signedBy: "/k.gpg" },
    ]);
  });

  it("reads continued fields, comments inside, and fields of any case", () => {
    const text = "types: deb\nUris:\n http://one.example/debian\n# http://remark.example/debian\n http://two.example/debian\nSUITES: trixie\nComponents: main\n";
    expect(parseDeb822(text).map(({ uri }) => uri)).to.deep.equal(["http://one.example/debian", "http://two.example/debian"]);
  });

  it("leaves out stanzas that are switched off or hold only source packages", () => {
    expect(parseDeb822(`${STANZA}Enabled: no\n\n${STANZA.replace("deb deb-src", "deb-src")}`)).to.deep.equal([]);
  });

  it("marks a key that stands in the file itself", () => {
    const key = "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n -----END PGP PUBLIC KEY BLOCK-----\n";
    expect(parseDeb822(STANZA + key)[0]?.signedBy).to.equal("inline");
  });

  it("takes the login out of the address", () => {
    const [source] = parseDeb822(STANZA.replace("http://one", "https://user:secret@one"));
    expect(source?.uri).to.equal("https://one.example/debian");
    expect(source?.login).to.deep.equal({ user: "user", password: "secret" });
  });
});
