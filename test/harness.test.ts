import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { summary, sum, type Outcome } from "../scripts/test/tally.ts";
import { Place } from "./support/place.ts";
import { start } from "./support/started.ts";
import { leftovers, leftoversWithin, traces } from "./support/traces.ts";

describe("The tests' own tools", () => {
  it("see a process, a listening port, a socket and a file that was left behind, and see them go", async () => {
    using place = new Place();
    const before = traces([place.folder]);
    expect(leftovers(before, traces([place.folder]))).to.deep.equal([]);

    const child = spawn("sleep", ["71"]);
    await once(child, "spawn");
    const port = createServer().listen(0, "127.0.0.1");
    const socket = createServer().listen(join(place.runtime, "left.sock"));
    await Promise.all([once(port, "listening"), once(socket, "listening")]);
    mkdirSync(join(place.project, "deep"));
    writeFileSync(join(place.project, "deep/left"), "");

    const found = leftovers(before, traces([place.folder])).join("\n");
    expect(found).to.match(/process \d+: sleep 71/);
    expect(found).to.match(/tcp port 0100007F:/);
    expect(found).to.include("socket ").and.include("left.sock");
    expect(found).to.include(`file ${place.project}/deep/left`);

    child.kill("SIGKILL");
    port.close();
    socket.close();
    const left = await leftoversWithin(before, [place.folder], 2000);
    expect(left).to.deep.equal([`file ${place.project}/deep`, `file ${place.project}/deep/left`]);
  });

  it("see a network namespace that a process was left in", async () => {
    const before = traces([]);
    const child = spawn("bwrap", ["--die-with-parent", "--unshare-user", "--unshare-net", "--ro-bind", "/", "/", "sleep", "72"]);
    try {
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(leftovers(before, traces([])).join("\n")).to.include("network namespace net:[");
    } finally {
      child.kill("SIGKILL");
      await once(child, "close");
    }
  });

  it("report a program that hangs or ends too soon, with what it said", async () => {
    const hanging = start(["sh", "-c", "echo so far; sleep 73"], { deadlineMs: 300, env: { PATH: "/usr/bin:/bin" } });
    const error = await hanging.ended.then(() => undefined, String);
    expect(error).to.include("did not end within 0.3 s").and.include("so far");
    const short = start(["sh", "-c", "echo done"], { env: { PATH: "/usr/bin:/bin" } });
    expect(await short.says(/never/).then(() => undefined, String)).to.include("ended without saying").and.include("done");
    expect(await start(["sh", "-c", "cat; exit 7"], { input: "in", env: { PATH: "/usr/bin:/bin" } }).ended).to.deep.equal({ status: 7, stdout: "in", stderr: "" });
  });

  it("give a program nothing of our environment but what fetching packages takes", () => {
    process.env["CLOCHE_CANARY"] = "seen";
    using place = new Place();
    delete process.env["CLOCHE_CANARY"];
    expect(Object.keys(place.env)).to.not.include("CLOCHE_CANARY");
    expect(place.env).to.include({ HOME: place.home, XDG_RUNTIME_DIR: place.runtime });
  });

  it("add up the parts, and close with the sum alone on the last line", () => {
    const outcomes: Outcome[] = [
      { part: "a", seconds: 1, passed: 3, failures: [] },
      { part: "b", seconds: 2, passed: 1, failures: [{ title: "breaks", reason: "for a reason" }] },
    ];
    expect(sum(outcomes)).to.deep.equal({ passed: 4, failed: 1 });
    expect(summary(outcomes).split("\n").at(-1)).to.equal("4 passed, 1 failed");
    expect(summary(outcomes)).to.include("FAILED in b: breaks\n  for a reason");
  });
});
