import headless from "@xterm/headless";
import { expect } from "chai";
import { HeldCommand } from "../../../../core/sessions/held/held-command.ts";
import { TAKEN } from "../../../../core/sessions/held/visit.ts";
import { eventually } from "../support.ts";
import { heard, scripted } from "./support.ts";

const SIZE = { columns: 40, rows: 10 };

/** What a person sees who looks at a terminal that was sent this. */
async function screenOf(text: string, { columns: cols, rows } = SIZE): Promise<readonly string[]> {
  const terminal = new headless.Terminal({ cols, rows, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(text, resolve));
  const { active } = terminal.buffer;
  return Array.from({ length: rows }, (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? "");
}

describe("A held command", () => {
  it("goes on without a terminal, and shows the screen as it is to the one that comes", async () => {
    const command = scripted();
    const held = await HeldCommand.hold({ name: "fern", isAgent: false }, command.channel, SIZE);
    command.write("before\r\n\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[>1u\x1b[2;3Hfull \x1b[31mscreen\x1b[0m\x1b[?1006h");
    await eventually("it is read", () => command.isRead());
    const visit = held.visit({ size: SIZE, take: false });
    const said = heard(visit.stdout);
    await eventually("the screen is shown", () => said().includes("screen"));
    expect((await screenOf(said())).slice(0, 3)).to.deep.equal(["", "  full screen", ""]);
    for (const mode of ["\x1b[?1049h", "\x1b[?25l", "\x1b[?2004h", "\x1b[?1006h", "\x1b[>1u"]) expect(said()).to.include(mode);
    command.write("\x1b[5;1Hand on");
    await eventually("what follows is shown", () => said().includes("and on"));
  });

  it("takes what is typed and the terminal's size, and is told nothing of the terminal's end", async () => {
    const command = scripted();
    const held = await HeldCommand.hold({ name: "fern", isAgent: false }, command.channel, SIZE);
    const visit = held.visit({ size: { columns: 77, rows: 22 }, take: false });
    visit.stdin.write("keys");
    await eventually("keys came", () => command.typed.join("") === "keys");
    visit.resize({ columns: 78, rows: 23 });
    visit.signal();
    expect(await visit.ended).to.include({ kind: "lost" });
    expect(command.told).to.deep.equal(["77x22", "78x23"]);
    expect(held.isVisited).to.equal(false);
    command.write("more");
    const again = held.visit({ size: SIZE, take: false });
    const said = heard(again.stdout);
    await eventually("it still runs", () => said().includes("more"));
  });

  it("refuses a second terminal, unless that takes it over", async () => {
    const command = scripted();
    const held = await HeldCommand.hold({ name: "fern", isAgent: false }, command.channel, SIZE);
    const first = held.visit({ size: SIZE, take: false });
    expect(() => held.visit({ size: SIZE, take: false })).to.throw('Another terminal is attached to the session "fern"');
    const second = held.visit({ size: SIZE, take: true });
    expect(await first.ended).to.deep.equal({ kind: "lost", detail: TAKEN });
    second.stdin.write("mine");
    await eventually("the second has it", () => command.typed.includes("mine"));
    first.close();
    expect(held.isVisited).to.equal(true);
  });

  it("answers a program that asks what it runs on, while no terminal can", async () => {
    const command = scripted();
    const held = await HeldCommand.hold({ name: "fern", isAgent: false }, command.channel, SIZE);
    command.write("\x1b[c");
    await eventually("it was answered", () => command.typed.join("").startsWith("\x1b[?"));
    command.typed.length = 0;
    const said = heard(held.visit({ size: SIZE, take: false }).stdout);
    await eventually("the screen came", () => said().length > 0);
    command.write("\x1b[c");
    await eventually("the terminal is asked", () => said().includes("\x1b[c"));
    expect(command.typed).to.deep.equal([]);
  });

  it("leaves out questions of the past: a terminal that comes later answers none", async () => {
    const command = scripted();
    const held = await HeldCommand.hold({ name: "fern", isAgent: false }, command.channel, SIZE);
    command.write("\x1b[c\x1b[6n\x1b]11;?\x07\x1b[?2026$pshown");
    await eventually("it is read", () => command.isRead());
    const said = heard(held.visit({ size: SIZE, take: false }).stdout);
    await eventually("the screen came", () => said().includes("shown"));
    expect(said()).to.not.match(/\x1b\[[>?]?\d*c|\x1b\[6n|\x1b\]11|\$p/);
  });

  it("tells its end and its status to who is there, with all that it said", async () => {
    const command = scripted();
    const held = await HeldCommand.hold({ name: "fern", isAgent: false }, command.channel, SIZE);
    const visit = held.visit({ size: SIZE, take: false });
    const said = heard(visit.stdout);
    command.write("last words");
    command.end({ kind: "exit", status: 7 });
    expect(await visit.ended).to.deep.equal({ kind: "exit", status: 7 });
    expect(await held.ended).to.deep.equal({ kind: "exit", status: 7 });
    await eventually("all was said", () => said().includes("last words"));
  });

  it("is not held up by a terminal that takes nothing, and shows it the present screen when it does", async () => {
    const command = scripted();
    const held = await HeldCommand.hold({ name: "fern", isAgent: false }, command.channel, SIZE);
    const visit = held.visit({ size: SIZE, take: false });
    for (let line = 0; line < 60_000; line += 1) command.write(`line ${line} of many that nobody reads\r\n`);
    command.write("the end");
    await eventually("it was read to its end", () => command.isRead(), 20_000);
    const said = heard(visit.stdout);
    await eventually("the screen is the present one", () => said().endsWith("the end") || /the end\x1b[^m]*$/.test(said()));
    expect((await screenOf(said())).filter((row) => row !== "").slice(-2)).to.deep.equal(["line 59999 of many that nobody reads", "the end"]);
  }).timeout(30_000);

  it("without a terminal, keeps the end of what it says, and gets no input", async () => {
    const command = scripted();
    const held = await HeldCommand.hold({ name: "fern", isAgent: false }, command.channel, undefined);
    command.write("x".repeat(300 * 1024));
    command.write("end");
    await eventually("it is read", () => command.isRead());
    const visit = held.visit({ take: false });
    const said = heard(visit.stdout);
    await eventually("its end is shown", () => said().endsWith("end"));
    expect(said()).to.match(/^\[\d+ bytes before this are not kept\]\nx/);
    expect(said().length).to.be.lessThan(300 * 1024);
    visit.stdin.write("ignored");
    expect(command.typed).to.deep.equal([]);
  });

  it("knows terminals of 1×1 and of 10000×10000", async () => {
    const command = scripted();
    const held = await HeldCommand.hold({ name: "fern", isAgent: false }, command.channel, { columns: 1, rows: 1 });
    command.write("a");
    const before = process.memoryUsage().rss;
    const visit = held.visit({ size: { columns: 10_000, rows: 10_000 }, take: false });
    const said = heard(visit.stdout);
    await eventually("it is shown", () => said().includes("a"));
    expect(process.memoryUsage().rss - before).to.be.lessThan(200e6);
  });
});
