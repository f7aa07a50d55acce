import { expect } from "chai";
import { StatusLine } from "../../../core/attach/status-line.ts";

describe("the line that says how a session stands", () => {
  it("has the name first and what each plugin says, with nothing in it that a terminal obeys", () => {
    const line = new StatusLine("red-fox");
    line.set("claude", "prompts off");
    line.set("egress", "network: 1 refused\x1b[2J");
    line.set("egress", `network: 2 refused\n${"x".repeat(500)}`);
    expect(line.text).to.match(/^cloche red-fox · prompts off · network: 2 refused\\u\{a\}x{40,80}$/);
    line.set("egress", undefined);
    expect(line.text).to.equal("cloche red-fox · prompts off");
  });

  it("is kept in the guest: at once, later changes together, and never after the end", async function () {
    this.timeout(10_000);
    const written: string[] = [];
    const guest = { writeFile: async (path: string, content: string | Uint8Array) => void written.push(`${path} ${String(content)}`) };
    const line = new StatusLine("red-fox");
    const stop = line.keepIn(guest);
    for (let count = 1; count <= 50; count += 1) line.set("egress", `network: ${count} refused`);
    await new Promise((resolve) => setTimeout(resolve, 3_200));
    expect(written).to.deep.equal(["/run/cloche-status cloche red-fox\n", "/run/cloche-status cloche red-fox · network: 50 refused\n"]);
    stop();
    line.set("egress", undefined);
    await new Promise((resolve) => setTimeout(resolve, 3_200));
    expect(written).to.have.lengthOf(2);
  });
});
