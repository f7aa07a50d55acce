import { expect } from "chai";
import { Launched } from "./launched.ts";

const TELLING = ["PERL5OPT", "PERL5LIB", "PERLLIB", "PERLIO", "PERL_UNICODE", "PERL_BADLANG"];

describe("bin/cloche, when the words may start a machine", function () {
  this.timeout(30_000);
  let launched: Launched;
  beforeEach(() => (launched = new Launched()));
  afterEach(() => launched[Symbol.dispose]());

  const starts: readonly (readonly string[])[] = [
    [], ["run"], ["shell"], ["exec", "ls"], ["exec", "--", "ls"], ["--"], ["--", "--help"], ["--", "ls", "-d", "--session", "x"],
    ["-q"], ["-q", "run"], ["-C", "ls"], ["-C", "/some where", "exec", "ls", "--help"], ["--set", "a=b", "run", "fix it", "-j"],
    ["run", "-C", "run", "--name", "x"], ["--timings", "shell", "--memory=4G"], ["exec", "-t", "ls"],
  ];
  for (const words of starts) {
    it(`has a network made while Node starts: ${words.join(" ") || "no word"}`, async () => {
      const { ahead, words: heard } = await launched.reportOf(words);
      expect(ahead).to.match(/^\d+ \d+ \d+$/);
      expect(heard).to.deep.equal(words);
    });
  }

  const others: readonly (readonly string[])[] = [
    ["ls"], ["ls", "--"], ["config", "run"], ["-C", "/x", "ls", "--", "run"], [""], ["-"], ["unknown"],
    ["exec", "--session", "moss", "-t", "--", "ls"], ["exec", "--session=moss", "-t", "ls"], ["exec", "-j", "ls"], ["shell", "--join"],
    ["run", "-d"], ["--detach", "run"], ["-h"], ["run", "--help"], ["-V"], ["-C", "run", "--version"],
  ];
  for (const words of others) {
    it(`has none made, and perl has no part in it: ${words.join(" ")}`, async () => {
      launched.change("host/network.pl", "host/none.pl");
      const { ahead, words: heard } = await launched.reportOf(words);
      expect([ahead, heard]).to.deep.equal([undefined, words]);
    });
  }

  it("gives Node every word and variable as without that, whatever bytes they hold", async () => {
    const odd = String.raw`O=$(printf "a\377\n\342\202\001") E= LC_ALL=xx_YY.UTF-8 LANG=xx CLOCHE_NETWORK_AHEAD="3 4 5" exec "$@" -- "$(printf "\376 x")" "" "*" "a
b'\"\$" "ü" -- -e`;
    const ahead = await launched.reportOf(["run", "-q"], { line: odd });
    expect(ahead.words).to.deep.equal(["run", "-q", "--", "\xfe x", "", "*", "a\nb'\"$", Buffer.from("ü").toString("latin1"), "--", "-e"]);
    expect(ahead.variables).to.include.members(["O=a\xff\n\xe2\x82\x01", "E=", "LC_ALL=xx_YY.UTF-8", `CLOCHE_NETWORK_AHEAD=${ahead.ahead}`]);
    launched.change("/usr/bin/perl", "/nonexistent/perl");
    const without = await launched.reportOf(["run", "-q"], { line: odd });
    expect(without.words).to.deep.equal(ahead.words);
    expect(without.variables).to.deep.equal(ahead.variables.filter((text) => !text.startsWith("CLOCHE_NETWORK_AHEAD=")));
  });

  for (const name of TELLING) {
    it(`starts no perl where something is said to perl, and Node has that as it was: ${name}`, async () => {
      launched.change("host/network.pl", "host/none.pl");
      for (const value of ["", "-Mno::such"]) {
        const { ahead, variables } = await launched.reportOf(["run"], { env: { [name]: value } });
        expect(ahead).to.equal(undefined);
        expect(variables).to.include(`${name}=${value}`);
        for (const other of TELLING.filter((one) => one !== name)) expect(variables.join("\n")).to.not.include(`${other}=`);
      }
    });
  }

  for (const closed of ["<&-", ">&-", "2>&-"]) {
    it(`starts no perl where a stream is closed: ${closed}`, async () => {
      launched.change("host/network.pl", "host/none.pl");
      expect((await launched.reportOf(["run"], { line: `exec "$@" ${closed}` })).ahead).to.equal(undefined);
    });
  }

  it("starts no perl of the PATH, which may hold a directory of the project", async () => {
    await launched.start([], { line: 'printf "#!/bin/sh\\necho evil\\n" >path/perl && chmod 755 path/perl' }).ended;
    expect((await launched.reportOf(["run"])).pipes).to.have.length(3);
  });

  it("has none made where Node would not know the descriptors for its own, and then is told nothing", async () => {
    // perl takes one for its script, so these leave no six of those that Node keeps to itself
    const line = `${[4, 5, 6, 7, 8, 9].map((fd) => `exec ${fd}</dev/null`).join("; ")}; exec /bin/bash --norc -c 'for fd in 10 11 12 13; do eval "exec $fd</dev/null"; done; exec "$@"' sh "$@"`;
    expect(await launched.reportOf(["run"], { line })).to.deep.include({ pipes: [], words: ["run"] }).and.not.have.property("ahead");
  });
});
