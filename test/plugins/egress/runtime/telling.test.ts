import { chmodSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { canonicalName } from "../../../../plugins/egress/names/canonical-name.ts";
import { Refusals, type Refused } from "../../../../plugins/egress/gateway/refusals.ts";
import { desktopOf } from "../../../../plugins/egress/runtime/desktop.ts";
import { Telling } from "../../../../plugins/egress/runtime/telling.ts";

describe("The user of a session", () => {
  function told(act: (telling: Telling) => void) {
    const heard = { notices: [] as string[], desktop: [] as string[], status: [] as string[] };
    act(new Telling({ notice: (line) => heard.notices.push(line), desktop: (line) => heard.desktop.push(line), status: (text) => heard.status.push(text) }, "fern"));
    expect(heard.desktop).to.deep.equal(heard.notices);
    return heard;
  }

  it("is told what waits, with the command that answers", () => {
    const name = canonicalName("new.test") ?? expect.fail("no name");
    expect(told((telling) => telling.asked({ id: 3, name, port: 8443, since: "", held: 1 })).notices).to.deep.equal([
      "May the guest reach new.test:8443? Answer with: cloche egress allow 3 --session fern, or deny 3",
    ]);
  });

  for (const [refused, command] of [
    [{ name: "a.test", why: "no rule names this host" }, "allow a.test"],
    [{ name: "a.test", port: 443, why: "no rule names this host" }, "allow a.test"],
    [{ name: "a.test", port: 22, why: "no rule names this port" }, "allow a.test:22"],
    [{ name: "a.test", port: 443, why: "resolves to 10.1.2.3, which is private" }, "allow 10.1.2.3:443"],
    [{ name: "a.test", port: 443, why: "resolves to fe80::1, which is link-local" }, "allow [fe80::1]:443"],
    [{ name: "a.test", port: 443, why: "denied by egress.deny" }, undefined],
    [{ name: "a.test", port: 443, why: "too many connections at once" }, undefined],
  ] as const) {
    it(`is told that ${refused.why}, and ${command ?? "no command, since none would help"}`, () => {
      const { notices: [line = ""], status } = told((telling) => telling.refused(refused));
      expect(line).to.include(`The guest did not reach a.test`).and.include(refused.why);
      expect(/cloche egress (.*) --session fern$/.exec(line)?.[1]).to.equal(command);
      expect(status).to.deep.equal(["network: 1 refused"]);
    });
  }

  it("is told of each host once, of no name that is none, and not without end", () => {
    const heard: Refused[] = [];
    const refusals = new Refusals({ record() {} }, (refused) => heard.push(refused));
    const refuse = (name: string) => refusals.record({ kind: "name", name, verdict: "refused", why: "no rule names this host" });
    for (const name of ["a.test", "a.test", "\u001b]0;x\u0007", "A.test", "127.0.0.1"]) refuse(name);
    refusals.record({ kind: "connection", name: "b.test", port: 443, verdict: "allowed", why: "" });
    expect(heard).to.deep.equal([{ name: "a.test", why: "no rule names this host" }]);
    for (let number = 0; number < 1_000; number += 1) refuse(`n${number}.test`);
    expect(heard.length).to.be.within(10, 12);
  });
});

describe("The user's desktop", () => {
  let folder: string;
  beforeEach(() => { folder = realpathSync(mkdtempSync(join(tmpdir(), "cloche-test-"))); });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("shows a line by the system's program, without a shell, its markup and our environment; not one after the other", async () => {
    const [program, out] = [join(folder, "notify"), join(folder, "out")];
    writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$@" "$DISPLAY$SECRET" >${out}.new; mv ${out}.new ${out}\n`);
    chmodSync(program, 0o755);
    const show = desktopOf({ DISPLAY: ":7", SECRET: "s" }, program);
    show("$(touch x) <b>&");
    show("another");
    const deadline = performance.now() + 5_000;
    while (!existsSync(out) && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(readFileSync(out, "utf8").trimEnd().split("\n")).to.deep.equal(["--app-name=cloche", "--", "cloche", "$(touch x) &lt;b&gt;&amp;", ":7"]);
  });

  it("is left alone where there is none, or no such program", () => {
    expect(() => desktopOf({}, "/bin/false")("x")).to.not.throw();
    expect(() => desktopOf({ DISPLAY: ":7" }, join(folder, "missing"))("x")).to.not.throw();
  });
});
