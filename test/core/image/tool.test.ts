import { expect } from "chai";
import { readFileSync } from "node:fs";
import { PassThrough, Readable } from "node:stream";
import { runTool, type ToolRun } from "../../../core/image/tool.ts";
import { ClocheError, isFailure } from "../../../core/support/errors.ts";

const run = (script: string, more: Partial<ToolRun> = {}) =>
  runTool({ step: "trying", command: "sh", args: ["-c", script], cwd: "/", signal: new AbortController().signal, ...more });
const failure = (work: Promise<unknown>) => work.then(() => undefined, (error: unknown) => error);

describe("running a program of the host's", () => {
  it("answers its output and tells its lines", async () => {
    const lines: string[] = [];
    const output = await run("echo one; echo two >&2", { onLine: (line) => void lines.push(line) });
    expect(output).to.equal("one\n");
    expect(lines.sort()).to.deep.equal(["one", "two"]);
  });

  it("tells lines that are safe to show", async () => {
    const lines: string[] = [];
    await run("printf 'bad \\033[2J\\n'", { onLine: (line) => void lines.push(line) });
    expect(lines).to.deep.equal(["bad \\u{1b}[2J"]);
  });

  it("gives it nothing of our environment", async () => {
    process.env["CLOCHE_CANARY"] = "canary";
    const output = await run("env", { env: { WANTED: "yes" } });
    delete process.env["CLOCHE_CANARY"];
    expect(output).to.contain("WANTED=yes").and.not.to.contain("canary");
  });

  it("feeds it and hands out bytes", async () => {
    const chunks: Buffer[] = [];
    const stdin = Readable.from([Buffer.from([0, 255, 10])]);
    await run("cat", { stdin, binary: (output) => void output.on("data", (chunk: Buffer) => chunks.push(chunk)) });
    expect([...Buffer.concat(chunks)]).to.deep.equal([0, 255, 10]);
  });

  it("shows the end of its output, made safe, when it fails", async () => {
    const error = await failure(run("i=0; while [ $i -lt 50 ]; do i=$((i + 1)); echo line $i; done; printf 'bad \\033[2J'; exit 3"));
    expect(isFailure(error, "IMAGE_STEP_FAILED")).to.equal(true);
    const { message } = error as Error;
    expect(message).to.contain("trying ended with status 3").and.contain("line 50").and.contain("bad \\u{1b}[2J");
    expect(message).not.to.contain("line 10\n");
  });

  it("shows nothing of what may hold secrets", async () => {
    const error = await failure(run("echo very-secret; exit 1", { quiet: true }));
    expect((error as Error).message).not.to.contain("very-secret");
  });

  it("names a program that is not there", async () => {
    const error = await failure(run("", { command: "cloche-no-such-program", args: [] }));
    expect(isFailure(error, "IMAGE_TOOL_MISSING")).to.equal(true);
    expect((error as Error).message).to.contain("cloche-no-such-program");
  });

  it("knows a full disk when a program says so", async () => {
    const error = await failure(run("echo 'tar: x: Cannot write: No space left on device' >&2; seq 100; exit 2", { cwd: "/usr" }));
    expect(isFailure(error, "IMAGE_NO_SPACE")).to.equal(true);
    expect((error as ClocheError).hint).to.contain("/usr");
  });

  it("ends it with all that it started when it is to stop, though nobody reads its output", async () => {
    const stop = new AbortController();
    let started: (pid: number) => void = () => {};
    const starting = new Promise<number>((resolve) => (started = resolve));
    const onLine = (line: string) => started(Number(line));
    const unread = new PassThrough();
    const work = failure(run("sleep 1000 & echo $! >&2; head -c 1000000 /dev/zero; wait", { signal: stop.signal, binary: (output) => void output.pipe(unread), onLine }));
    const pid = await starting;
    while (!unread.writableNeedDrain) await new Promise((resolve) => setTimeout(resolve, 5)); // more is under way than fits
    stop.abort(new Error("enough"));
    expect(((await work) as Error).message).to.equal("enough");
    expect(pid).to.be.greaterThan(1);
    for (let tries = 0; isAlive(pid) && tries < 100; tries += 1) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isAlive(pid)).to.equal(false);
  });

  it("rejects with the reason to stop", async () => {
    const stop = new AbortController();
    const work = failure(run("sleep 1000", { signal: stop.signal }));
    stop.abort(new Error("enough"));
    expect(((await work) as Error).message).to.equal("enough");
  });
});

// one that has ended may wait for a slow init to take note of it
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}
