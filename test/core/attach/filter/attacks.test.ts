import { expect } from "chai";
import { listening, passed } from "./support.ts";

function through(text: string): string {
  const bytes = passed([Buffer.from(text, "latin1")]);
  const shown = bytes.toString("utf8");
  expect(Buffer.from(shown), "valid UTF-8").to.deep.equal(bytes);
  return shown;
}

/** Attacks on terminals by their rows in the list of threats; what is shown of each is only the text around it. */
const ATTACKS: Readonly<Record<string, readonly string[]>> = {
  "T1, the clipboard read or written": ["\x1b]52;c;?\x07", "\x1b]52;;?\x1b\\", "\x1b]52;p;aGVsbG8=\x07", "\x1b]52;c;aGVsbG8=\x1b\\", "\x1b]5522;type=read\x1b\\"],
  "T2, answers that hold text of the asker": ["\x1b]0;evil\x07\x1b[21t", "\x1b[20t", "\x1bP$qm\x1b\\", "\x1bP+q544e\x1b\\", "\x1b]4;1;?\x07", "\x1b]50;?\x07", "\x1b]12;?\x07", "\x05", "\x1bZ", "\x1b[x", "\x1b[?15n", "\x1b[=c", "\x1b[?1$w"],
  "T3, files, notifications and pictures": [
    "\x1b]1337;File=name=a;inline=1:AAAA\x07", "\x1b]1337;CopyToClipboard=c\x07", "\x1b]1337;RequestUpload=format=tgz\x07", "\x1b]1337;SetUserVar=a=b\x07",
    "\x1b_Gf=100,t=f;L2V0Yy9wYXNzd2Q=\x1b\\", "\x1b]5113;ac=send\x1b\\", "\x1b]99;;hello\x1b\\", "\x1b]9;hello\x07", "\x1b]777;notify;a;b\x07", "\x1bPq#0;2;0;0;0#0~~@@vv\x1b\\", "\x1b]7;file:///etc\x07",
  ],
  "a terminal left without its encoding, keyboard or printer": ["\x1b%@", "\x1b G", "\x1b[2h", "\x1b[5i", "\x1b[?5i", "\x1b[?3h", "\x1b[8;1;1t", "\x1b[3;9999;9999t", "\x1b]10;#000000\x07", "\x1b]11;#000000\x07", "\x1b]104\x07", "\x1bn", "\x1bo", "\x1b[?9001h", "\x1b[1;2;3;4;5T"],
};

describe("the filter of the terminal", () => {
  for (const [name, attacks] of Object.entries(ATTACKS)) {
    it(`leaves out ${name}`, () => {
      for (const attack of attacks) expect(through(`a${attack}b`), JSON.stringify(attack)).to.equal("ab");
    });
  }

  it("leaves out what is wrapped for tmux and screen, inside and outside", () => {
    expect(through("a\x1bPtmux;\x1b\x1b]52;c;?\x07\x1b\\b")).to.equal("ab");
    expect(through("a\x1bPtmux;\x1b\x1b]52;c;aGVsbG8=\x1b\x1b\\\x1b\\b")).to.equal("ab");
    expect(through("a\x1bktitle\x1b\\b")).to.equal("ab");
  });

  it("breaks the beginning of a ZMODEM transfer", () => {
    expect(through("rz\r**\x18B00000000000000\r\n")).to.equal("rz\r**B00000000000000\r\n");
  });

  it("takes C1 controls for no characters, in each of their forms", () => {
    expect(through("a\x9b31mb\x9d0;x\x07\xc2\x9b2Jc\x90q\x9c")).to.equal("a�31mb�0;x\x07�2Jc�q�");
  });

  it("shows overlong and cut characters, surrogates and what is beyond Unicode as what they are", () => {
    expect(through("\xc0\x9b[31m")).to.equal("��[31m");
    expect(through("\xe0\x82\x9b|\xed\xa0\x80|\xf4\x90\x80\x80|\xf8\x88\x80\x80\x80")).to.equal("���|���|����|�����");
    expect(through("\xe2\x82|\xf0\x9f\x98|\xe2\x82")).to.equal("�|�|�");
  });

  it("leaves nothing of a sequence that another one cuts, that is cancelled, or that never ends", () => {
    expect(through("a\x1b[3\x1b[1mb")).to.equal("a\x1b[1mb");
    expect(through("a\x1b]0;x\x18b\x1b]52;c;\x1ac")).to.equal("abc");
    expect(through("a\x1b[31")).to.equal("a");
    expect(through("a\x1b]8;;https://example.com/")).to.equal("a");
  });

  it("passes links to the web alone, and ends the one before at one that does not pass", () => {
    expect(through("\x1b]8;id=a1;https://example.com/?q=a;b\x07x\x1b]8;;\x07")).to.equal("\x1b]8;id=a1;https://example.com/?q=a;b\x1b\\x\x1b]8;;\x1b\\");
    for (const address of ["file:///etc/passwd", "javascript:alert(1)", "vscode://x", "ssh://x", "https://a b", 'https://a"b', "https://ex\xe4mple", `https://${"a".repeat(3000)}`, "//example.com", " https://x"]) {
      expect(through(`\x1b]8;;${address}\x07x`), address).to.equal("x");
    }
    expect(through("\x1b]8;;https://example.com\x07x\x1b]8;;file:///x\x07y")).to.equal("\x1b]8;;https://example.com\x1b\\x\x1b]8;;\x1b\\y");
  });

  it("keeps of private modes the good ones", () => {
    expect(through("\x1b[?1000;1034;1006h\x1b[?1034h\x1b[?h")).to.equal("\x1b[?1000;1006h");
  });

  it("makes a soft reset of a full one, which would take the user's own lines and modes along", () => {
    expect(through("\x1b[?1000h\x1bc")).to.equal("\x1b[?1000h\x1b[?1000l\x1b[!p\x1b[2J\x1b[H");
  });

  it("passes no number that only tests a terminal's limits", () => {
    expect(through("\x1b[99999Ca\x1b[100000Cb\x1b[1;99999999999H\x1b[2147483647b")).to.equal("\x1b[99999Cab");
  });

  it("hears titles without what a terminal obeys, what reorders text, or our own mark", () => {
    const { filter, told } = listening();
    filter.filter(Buffer.from("\x1b]0;a\u202eb\u200bc\u009b\ufeff ü\x07\x1b]2;cloche: [cloche] not ours\x1b\\\x1b]0;x\ny\x07"));
    filter.filter(Buffer.from(`\x1b]0;${"long ".repeat(100)}\x07\x1b[22;0t\x1b[23;2t\x1b[22;1t`));
    expect(told.slice(0, 3)).to.deep.equal(["title abc ü", "title not ours", "title xy"]);
    expect(told[3]).to.have.lengthOf(206);
    expect(told.slice(4)).to.deep.equal(["push", "pop"]);
  });

  it("hears who wants to be looked at: a bell or a notification, but not progress", () => {
    const { filter, told } = listening();
    filter.filter(Buffer.from("\x07\x1b]9;x\x07\x1b]777;notify;x\x1b\\\x1b]99;;x\x07\x1b]9;4;1;50\x07"));
    expect(told).to.deep.equal(["attention", "attention", "attention", "attention"]);
  });

  describe("when the clipboard may be written", () => {
    const options = { clipboardBytes: 6000 };
    const write = (bytes: number, end = "\x07") => `\x1b]52;c;${Buffer.alloc(bytes, 7).toString("base64")}${end}`;

    it("passes what is within the limit, in one form, and says so", () => {
      const { filter, told } = listening(options);
      expect(filter.filter(Buffer.from(write(6000, "\x1b\\"))).toString()).to.equal(write(6000));
      expect(told).to.deep.equal(["clipboard 6000 true"]);
    });

    it("still answers no question, and passes nothing larger, empty or malformed", () => {
      for (const bad of ["\x1b]52;c;?\x07", "\x1b]52;c;\x07", "\x1b]52;c;!!!!\x07", "\x1b]52;c;abc\x07", "\x1b]52;c;YQ==;YQ==\x07", "\x1b]52;x;YQ==\x07", write(6001), write(100_000)]) {
        expect(passed([bad], options).toString()).to.equal("");
      }
    });

    it("is off otherwise, and the attempt is told", () => {
      const { filter, told } = listening();
      expect(filter.filter(Buffer.from(write(10))).toString()).to.equal("");
      expect(told).to.deep.equal(["clipboard 10 false"]);
    });
  });

  it("keeps little of what never ends", () => {
    const { filter } = listening({ clipboardBytes: 64 * 1024 });
    const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    for (const beginning of ["\x1b]0;", "\x1b]52;c;", "\x1bP", "\x1b["]) {
      filter.filter(Buffer.from(beginning));
      const piece = Buffer.alloc(1024 * 1024, 0x41);
      for (let sent = 0; sent < 24; sent += 1) filter.filter(piece);
      filter.filter(Buffer.from("\x18"));
    }
    expect(process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed - before).to.be.lessThan(16 * 1024 * 1024);
  });

  it("takes less than a millisecond for a screen, and 100 MB/s and more on a quiet processor", () => {
    const line = "\x1b[12;40H\x1b[38;5;174m✻\x1b[39m Thinking… \x1b[2m(3s · 12 tokens)\x1b[22m\x1b[K some text in a line that is of usual length\r\n";
    const screen = Buffer.from(`\x1b[?2026h\x1b[?25l${line.repeat(50)}\x1b[?25h\x1b[?2026l`);
    const { filter } = listening();
    const timesMs = Array.from({ length: 500 }, () => {
      const start = performance.now();
      filter.filter(screen);
      return performance.now() - start;
    }).sort((a, b) => a - b);
    expect(timesMs[250]).to.be.lessThan(1);
    // a loaded machine is no reason to fail, a quadratic filter is: the quickest of many counts
    expect(screen.length / 1000 / (timesMs[5] as number)).to.be.greaterThan(50);
  });
});
